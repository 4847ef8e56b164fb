'use strict';

// A small HTTP service: /health says that it works, /version says what runs.
//
//     node service.js [PORT] [VERSION]
//
// The port comes from the first argument or PORT (default 8191; 0 takes a free one), the version from the second
// argument, SERVICE_VERSION, or the first line of a file "version" beside this one. It listens on loopback only.

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

function portNumber(text) {
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || number > 65535) {
    console.error(`service: '${text}' is not a port (0 to 65535)`);
    process.exit(64);
  }
  return number;
}

function versionText() {
  const given = process.argv[3] || process.env.SERVICE_VERSION;
  if (given) return given;
  try {
    return fs.readFileSync(path.join(__dirname, 'version'), 'utf8').split('\n', 1)[0].trim();
  } catch (error) {
    if (error.code === 'ENOENT') return 'unknown';
    throw error;
  }
}

const port = portNumber(process.argv[2] || process.env.PORT || '8191');
const version = versionText();

function answer(response, status, body) {
  const text = JSON.stringify(body) + '\n';
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

const server = http.createServer((request, response) => {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return answer(response, 405, { error: 'only GET and HEAD' });
  }
  switch (request.url.split('?', 1)[0]) {
    case '/health':
      return answer(response, 200, { status: 'ok', uptimeSeconds: Math.floor(process.uptime()) });
    case '/version':
      return answer(response, 200, { version, node: process.version, pid: process.pid });
    default:
      return answer(response, 404, { error: 'not found' });
  }
});

server.on('error', (error) => {
  console.error(`service: cannot listen on port ${port}: ${error.message}`);
  process.exit(1);
});

server.listen(port, '127.0.0.1', () => {
  console.log(`service ${version} listens on http://127.0.0.1:${server.address().port}`);
});

// A clean stop: no new connections, open answers are finished, idle keep-alive connections are closed at once.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    console.log(`service stops on ${signal}`);
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
