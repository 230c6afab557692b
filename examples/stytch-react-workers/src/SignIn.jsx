// Signing in with Stytch's own component: a code by e-mail. Its SDK sets the two cookies that the Worker reads.

import { OTPMethods, Products, StytchLogin, StytchProvider, createStytchClient, useStytchSession } from '@stytch/react';
import { useEffect, useState } from 'react';
import { ask } from './api.js';

const CONFIG = {
  products: [Products.otp],
  otpOptions: { methods: [OTPMethods.Email], expirationMinutes: 10 },
  sessionOptions: { sessionDurationMinutes: 60 * 24 },
};

export default function SignIn({ onSignedIn }) {
  const [settings, setSettings] = useState();
  useEffect(() => void ask('settings').then(({ publicToken, loginUrl }) => setSettings({ loginUrl, stytch: clientOf(publicToken) })), []);
  if (!settings) return null;
  const { stytch, loginUrl } = settings;
  // A local provider has no e-mail to send: it has a page.
  if (loginUrl) return <a href={`${loginUrl}?return_to=${encodeURIComponent(location.href)}`}>Sign in</a>;
  if (!stytch) return <p>`STYTCH_PUBLIC_TOKEN` is missing in .dev.vars.</p>;
  return (
    <StytchProvider stytch={stytch}>
      <StytchLogin config={CONFIG} />
      <Watch onSignedIn={onSignedIn} />
    </StytchProvider>
  );
}

const clientOf = (publicToken) => publicToken && createStytchClient(publicToken);

function Watch({ onSignedIn }) {
  const { session } = useStytchSession();
  useEffect(() => void (session && onSignedIn()), [session, onSignedIn]);
  return null;
}
