import Link from 'next/link';
import type { ReactNode } from 'react';

export const metadata = { title: 'edgeseal beside AuthKit' };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <nav>
          <Link href="/">Start</Link> · <Link href="/app">App</Link> · <Link href="/admin">Administration</Link>
        </nav>
        {children}
      </body>
    </html>
  );
}
