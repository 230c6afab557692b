import net from 'node:net';
import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway } from './support/gateway.mjs';
import { startUpstream } from './support/upstream.mjs';
import { signedIn } from './support/sessions.mjs';
const provider = await startProvider();
const upstream = await startUpstream();
const t0 = Date.now();
const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url, ROUTES: [{ path: '/public/*', require: 'public' }] } });
console.log('start', Date.now() - t0);
function raw(text) {
  return new Promise((resolve) => {
    const socket = net.connect(gateway.address.port, gateway.address.hostname);
    let got = '';
    socket.setTimeout(3000, () => { socket.destroy(); resolve(got + ' TIMEOUT'); });
    socket.on('data', (d) => { got += d.toString('latin1'); });
    socket.on('close', () => resolve(got));
    socket.on('error', (e) => resolve('ERR ' + e.message));
    socket.write(Buffer.from(text, 'latin1'));
  });
}
for (const target of ['/public/a', '//public/a', '/public/./b', '/public/../b', '/public/%2e%2e/b', '/public\\b', '/public\\..\\b', '/public/a#b', '/public/a\u00ffb', '/public/a b', 'http://evil.example/public/x', '/public/?a\\b', '*', 'public/a', '/public/\u00ef\u00bc\u008e\u00ef\u00bc\u008e/b', '/public/a\tb', '/public/a\u0000b', '?x', '/public/a?b#c']) {
  upstream.clear();
  const answer = await raw(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  console.log(JSON.stringify(target), '->', answer.split('\r\n')[0], upstream.last()?.target ?? '-', answer.includes('{') ? answer.slice(answer.indexOf('{'), answer.indexOf('{')+80): '');
}
upstream.clear();
await raw(`GET /public/h HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nCookie: a=1\r\nCookie: wos-session=SECRET; b=2\r\nX-Forwarded: 1\r\nX-HTTP-Method-Override: DELETE\r\nx-edge: 1\r\nX-Original-Host: evil\r\ncf-connecting-ip: 6.6.6.6\r\n\r\n`);
console.log(upstream.last()?.headers);
const v = signedIn(gateway, provider);
await v.request('/x', {headers: {'if-none-match': '"e"'}});
console.log(upstream.last()?.headers);
await v.request('/x', {method: 'POST', headers: {cookie: ['a=1', `wos-session=${v.session}`]}}).then((a) => console.log(a.status, a.body.slice(0,200)));
console.log(gateway.logs().slice(0, 600));
await gateway.close(); await upstream.close(); await provider.close();
