/** Sections of an INI file as configparser reads them: keys lower case, continuation lines joined by line ends. */
export function parseIni(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | null = null;
  let key: string | null = null;
  for (const raw of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(raw)) continue;
    const line = raw.replace(/\s#.*$/, '').trimEnd();
    const header = /^\[([^\]]+)\]/.exec(line);
    if (header !== null) {
      const name = (header[1] ?? '').trim();
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      key = null;
    } else if (/^\s+\S/.test(line) && key !== null && section !== null) {
      section.set(key, `${section.get(key) ?? ''}\n${line.trim()}`);
    } else if (section !== null) {
      const pair = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
      if (pair === null) continue;
      key = (pair[1] ?? '').trim().toLowerCase();
      section.set(key, pair[2] ?? '');
    }
  }
  return sections;
}

/** Non-empty lines of a value. */
export function lines(value: string | undefined): string[] {
  return (value ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
