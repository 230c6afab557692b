// Fresh seals of the formats of the SDKs for Python, Ruby, Go, Rust and PHP, against implementations that have nothing in common with ours.
// Those of Python stand in python.test.mjs, those of React Router in remix.test.mjs, iron's in seals.test.mjs and sdk.test.mjs.

import { exchange } from './support/exchange.mjs';
import { nodePeers } from './support/peers.mjs';

nodePeers.forEach(exchange);
