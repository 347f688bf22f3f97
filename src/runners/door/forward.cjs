// The same as forward.py for images that have Node and no Python: forward.cjs SOCKET PORT.
const { spawn } = require('node:child_process');
const net = require('node:net');

const [socket, port, behind] = process.argv.slice(2);
if (behind === undefined) {
  const child = spawn(process.execPath, [__filename, socket, port, 'behind'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.once('message', () => process.exit(0));
  child.once('exit', () => process.exit(1));
} else {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const door = net.connect({ path: socket, allowHalfOpen: true });
    for (const [from, to] of [[client, door], [door, client]]) {
      from.pipe(to);
      from.on('error', () => to.end());
    }
  }); // prettier-ignore
  const listen = () =>
    server.listen({ host: '127.0.0.1', port: Number(port) }, () => {
      process.send('listening', () => process.disconnect());
    });
  // a socket that was mounted and cannot be reached is told now, not at the first call
  const first = net.connect(socket, () => first.end(listen));
  first.once('error', () => process.exit(1));
}
