import { auth, workosOf } from '../../auth';
import { publicUrl, redirectTo } from '../../sign_in';

// A form's POST: no page of another site can sign anybody out, because browsers send no cookie along with one.
export async function POST(request: Request) {
  const session = await auth.getSession();
  const returnTo = `${publicUrl()}/`;
  const url = session ? workosOf(process.env).userManagement.getLogoutUrl({ sessionId: session.sessionId, returnTo }) : returnTo;
  const response = redirectTo(url, 303);
  for (const line of auth.deleteCookies(request)) response.headers.append('set-cookie', line);
  return response;
}
