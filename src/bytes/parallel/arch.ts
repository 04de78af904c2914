/** What a model's config.json says about how it may be split. Foreign JSON: whatever is not as expected says nothing. */

export interface Arch {
  /** The model type in lower case without `_` and `-`: `llama`, `gptneox`. */
  readonly family: string;
  /** Attention heads, and key-value heads where they are fewer; undefined where the config does not say. */
  readonly heads: number | undefined;
  readonly kvHeads: number | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** The architecture of a parsed config.json, or undefined when it names none. A model of several parts is described by its text part. */
export function archOf(config: unknown): Arch | undefined {
  if (!isObject(config)) return undefined;
  const text = isObject(config.text_config) ? config.text_config : config;
  const family = familyOf(text) ?? familyOf(config);
  if (family === undefined) return undefined;
  const heads = firstCount(text, ["num_attention_heads", "n_head", "num_heads", "n_heads"]);
  const kvHeads = firstCount(text, ["num_key_value_heads", "num_kv_heads"]) ?? (text.multi_query === true ? 1 : heads);
  return { family, heads, kvHeads };
}

function familyOf(config: Json): string | undefined {
  const { model_type: type, architectures } = config;
  if (typeof type === "string" && type !== "") return plain(type);
  const [first] = Array.isArray(architectures) ? architectures : [];
  // GPTNeoXForCausalLM → gptneox, GPT2LMHeadModel → gpt2
  return typeof first === "string" ? plain(first.replace(/(?:For[A-Z]|LMHead|Model).*$/, "")) : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}

function firstCount(config: Json, names: readonly string[]): number | undefined {
  return names.map((name) => config[name]).find((value): value is number => typeof value === "number" && Number.isSafeInteger(value) && value > 0);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
