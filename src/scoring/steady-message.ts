/**
 * What a test or a file said, without what differs from one run to the next or between runtimes: addresses of objects,
 * process numbers, seconds, and the folders that interpreters and sandboxes happen to lie in.
 */
export function steadyMessage(message: string): string {
  return message
    .replace(/\b0x[0-9a-f]{5,}\b/gi, '0x...')
    .replace(/(?:\/[^\s:'"()<>]+)?\/(?=(?:lib|lib64)\/python\d[\d.]*\/)/g, '.../')
    .replace(/(?:\/[^\s:'"()<>]+)?\/workspace\//g, '')
    .replace(/\bpytest-of-\w+\/pytest-\d+\b/g, 'pytest-of-.../pytest-...')
    .replace(/\b(?:pid|process)[ =:]\s*\d+/gi, (text) => text.replace(/\d+/, '...'))
    .replace(/\b\d+\.\d+ ?s(?:econds)?\b/g, '... s');
}
