/** The credential and configuration files of AWS: sections, and in them lines of `name = value` ("Configuration and credential file settings"). */

export type IniFile = ReadonlyMap<string, ReadonlyMap<string, string>>;

const charactersMax = 1024 * 1024;

/** Unknown lines are passed over: the files belong to other programs too. Nested settings (indented lines) are not used here. */
export function parseIni(text: string): IniFile {
  const file = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.slice(0, charactersMax).split(/\r?\n/)) {
    const heading = /^\[([^\]]{1,256})\]/.exec(line)?.[1];
    if (heading !== undefined) {
      // `[profile name]` in the one file is `[name]` in the other.
      const name = heading.trim().replace(/^profile\s+/, "");
      section = file.get(name) ?? new Map();
      file.set(name, section);
      continue;
    }
    const equals = line.indexOf("=");
    const name = line.slice(0, Math.max(0, equals)).trimEnd();
    if (/^[A-Za-z0-9_.-]{1,128}$/.test(name)) section.set(name.toLowerCase(), withoutComment(line.slice(equals + 1)).trim());
  }
  return file;
}

/** A comment behind a value has a space before it; without one it is part of the value. */
function withoutComment(value: string): string {
  const at = value.search(/[ \t][#;]/);
  return at === -1 ? value : value.slice(0, at);
}
