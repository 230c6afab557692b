// Who a server component takes the visitor for.

import { auth } from '../../../auth';

export default async function Who() {
  const session = await auth.getSession();
  return <p id="who">{`who:${session?.user.email ?? 'nobody'}:${session?.sessionId ?? ''}:`}</p>;
}
