// Every path below, however it is written.

export default function Rest() {
  return <p>for administrators</p>;
}
