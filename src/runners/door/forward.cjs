// The same as forward.py in a sandbox, for images that have Node and no Python: forward.cjs TO PORT.
const { spawn } = require('node:child_process');
const net = require('node:net');

const [to, port, behind] = process.argv.slice(2);
const [, host, far] = /^([^/]+):(\d+)$/.exec(to) ?? [];
const way = host === undefined ? { path: to } : { host, port: Number(far), noDelay: true };
if (behind === undefined) {
  const child = spawn(process.execPath, [__filename, to, port, 'behind'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.once('message', () => process.exit(0));
  child.once('exit', () => process.exit(1));
} else {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const door = net.connect({ ...way, allowHalfOpen: true });
    for (const [from, into] of [[client, door], [door, client]]) {
      from.pipe(into);
      from.on('error', () => into.end());
    }
  }); // prettier-ignore
  const listen = () =>
    server.listen({ host: '127.0.0.1', port: Number(port) }, () => {
      process.send('listening', () => process.disconnect());
    });
  // a way that leads nowhere is told now, not at the first call
  const first = net.connect(way, () => {
    first.setTimeout(0);
    first.end(listen);
  });
  first.setTimeout(5000, () => process.exit(1));
  first.once('error', () => process.exit(1));
}
