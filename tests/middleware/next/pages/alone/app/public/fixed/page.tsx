// The same for everybody.

export const dynamic = 'force-static';

export default function Fixed() {
  return <p>fixed</p>;
}
