/** A profile of the shared files: keys from both files, the region from `config`. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fault } from "../../../core/errors.ts";
import type { EnvironmentVariables } from "../volume-driver.ts";
import type { Credentials } from "./credentials.ts";
import { type IniFile, parseIni } from "./ini.ts";

/** The file of keys goes before `config`, as it does for the programs of AWS. */
export async function profileCredentials(env: EnvironmentVariables, profile?: string): Promise<Credentials | undefined> {
  for (const file of [await readIni(credentialsPath(env)), await readIni(configPath(env))]) {
    const section = file.get(profileName(env, profile));
    const [accessKeyId, secretAccessKey] = [section?.get("aws_access_key_id"), section?.get("aws_secret_access_key")];
    if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken: section?.get("aws_session_token") };
  }
  return undefined;
}

export async function profileRegion(env: EnvironmentVariables, profile?: string): Promise<string | undefined> {
  return (await readIni(configPath(env))).get(profileName(env, profile))?.get("region");
}

function profileName(env: EnvironmentVariables, profile: string | undefined): string {
  return profile ?? (env.AWS_PROFILE || "default");
}

function credentialsPath(env: EnvironmentVariables): string {
  return env.AWS_SHARED_CREDENTIALS_FILE || join(env.HOME || homedir(), ".aws", "credentials");
}

function configPath(env: EnvironmentVariables): string {
  return env.AWS_CONFIG_FILE || join(env.HOME || homedir(), ".aws", "config");
}

async function readIni(path: string): Promise<IniFile> {
  try {
    return parseIni(await readFile(path, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return new Map();
    throw fault("ACCESS_DENIED", `${path} cannot be read (${code})`, {
      cause: error,
      advice: "Check who owns the file, or name another by AWS_SHARED_CREDENTIALS_FILE.",
    });
  }
}
