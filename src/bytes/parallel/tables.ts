/**
 * Which weights split how, by the name of their module: the column- and row-parallel layers of Megatron-LM
 * (arXiv 1909.08053) as the model classes of transformers name them, and llama.cpp in GGUF files.
 * Whatever has no rule is replicated, which is always right: norms, routers, positions, low-rank compressions.
 */

/**
 * `out`: by output features, and so is the bias. `in`: by input features; every rank has the whole bias, which is added once.
 * `vocab`: by words, replicated when the ranks do not divide them. `flip` stands for weights stored [in, out].
 */
export interface Rule {
  readonly way: "out" | "in" | "vocab";
  readonly flip?: true;
  /** What the split dimension consists of: heads, key-value heads, queries-keys-values, two or three equal sections. */
  readonly parts?: "heads" | "kv" | "qkv" | "halves" | "thirds";
  /** Weights of many experts in one tensor, experts outermost. */
  readonly stacked?: true;
}

export type Rules = Readonly<Record<string, Rule>>;

const out: Rule = { way: "out" };
const into: Rule = { way: "in" };
const vocab: Rule = { way: "vocab" };
const outHeads: Rule = { way: "out", parts: "heads" };
const outKv: Rule = { way: "out", parts: "kv" };
const intoHeads: Rule = { way: "in", parts: "heads" };

/**
 * Names that mean the same wherever they occur. A key is the last one to three parts of a module's name; `*` stands for a
 * number, `^` for the start of the name.
 */
export const commonRules: Rules = {
  // llama, mistral, qwen2, qwen3, gemma, olmo, granite, cohere, stablelm, smollm, phi and their mixtures of experts
  q_proj: outHeads,
  k_proj: outKv,
  v_proj: outKv,
  o_proj: intoHeads,
  gate_proj: out,
  up_proj: out,
  down_proj: into,
  embed_tokens: vocab,
  lm_head: vocab,
  // phi3, glm: fused
  qkv_proj: { way: "out", parts: "qkv" },
  gate_up_proj: { way: "out", parts: "halves" },
  // mixtral
  "experts.*.w1": out,
  "experts.*.w3": out,
  "experts.*.w2": into,
  // deepseek v2 and v3: latents are small and replicated, what grows them back to heads is split
  q_b_proj: outHeads,
  kv_b_proj: outHeads,
  // opt, gptj, phi, whisper, clip
  "attn.out_proj": intoHeads,
  "self_attn.out_proj": intoHeads,
  "encoder_attn.out_proj": intoHeads,
  "self_attn.dense": intoHeads,
  fc1: out,
  fc2: into,
  fc_in: out,
  fc_out: into,
  // bert, roberta, electra, vit, distilbert
  "self.query": outHeads,
  "self.key": outHeads,
  "self.value": outHeads,
  "attention.output.dense": intoHeads,
  "intermediate.dense": out,
  "output.dense": into,
  word_embeddings: vocab,
  "predictions.decoder": vocab,
  q_lin: outHeads,
  k_lin: outHeads,
  v_lin: outHeads,
  out_lin: intoHeads,
  "ffn.lin1": out,
  "ffn.lin2": into,
  // t5
  "SelfAttention.q": outHeads,
  "SelfAttention.k": outHeads,
  "SelfAttention.v": outHeads,
  "SelfAttention.o": intoHeads,
  "EncDecAttention.q": outHeads,
  "EncDecAttention.k": outHeads,
  "EncDecAttention.v": outHeads,
  "EncDecAttention.o": intoHeads,
  "DenseReluDense.wi": out,
  "DenseReluDense.wi_0": out,
  "DenseReluDense.wi_1": out,
  "DenseReluDense.wo": into,
  "^.shared": vocab,
  // GGUF
  attn_q: outHeads,
  attn_k: outKv,
  attn_v: outKv,
  attn_output: intoHeads,
  ffn_gate: out,
  ffn_up: out,
  ffn_down: into,
  "^.token_embd": vocab,
  "^.output": vocab,
  ffn_gate_exps: { way: "out", stacked: true },
  ffn_up_exps: { way: "out", stacked: true },
  ffn_down_exps: { way: "in", stacked: true },
};

/** Names that mean something else from family to family, or nothing in most. */
export const familyRules: Readonly<Record<string, Rules>> = {
  gpt2: {
    c_attn: { way: "out", flip: true, parts: "thirds" },
    c_fc: { way: "out", flip: true },
    c_proj: { way: "in", flip: true },
    q_attn: { way: "out", flip: true, parts: "heads" },
    "crossattention.c_attn": { way: "out", flip: true, parts: "halves" },
    wte: vocab,
  },
  gptbigcode: { c_attn: { way: "out", parts: "qkv" }, c_fc: out, c_proj: into, wte: vocab },
  starcoder2: { c_fc: out, c_proj: into },
  gptj: { wte: vocab },
  // Queries, keys and values of a head lie together, so whole heads are split without sections.
  gptneox: {
    query_key_value: outHeads,
    "attention.dense": intoHeads,
    dense_h_to_4h: out,
    dense_4h_to_h: into,
    embed_in: vocab,
    embed_out: vocab,
  },
  bloom: { query_key_value: outHeads, "self_attention.dense": intoHeads, dense_h_to_4h: out, dense_4h_to_h: into },
  llama4text: {
    "experts.gate_up_proj": { way: "out", flip: true, parts: "halves", stacked: true },
    "experts.down_proj": { way: "in", flip: true, stacked: true },
  },
};
