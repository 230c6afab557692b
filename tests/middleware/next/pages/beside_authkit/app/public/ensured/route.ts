// Leads to AuthKit whoever is not signed in.

import { withAuth } from '@workos-inc/authkit-nextjs';

export async function GET() {
  const { user } = await withAuth({ ensureSignedIn: true });
  return Response.json(user);
}
