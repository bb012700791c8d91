"""A model of half a megabyte of random weights, for a real server: it makes printable nonsense, the same each time.

Where it is told of tools it calls one, and answers the result with nonsense.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TEMPLATE = """{% if tools %}{{ tools | tojson }}
Call one as <tool_call>{"name": <function-name>, "arguments": <args-json-object>}</tool_call>
{% endif %}
{%- for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}{% for c in m.tool_calls or [] -%}
<tool_call>{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{{ "<b>" if messages[-1].role == "tool" or not tools else "<a>" }}{% endif %}"""
_END = 2
_VOCABULARY, _WIDTH, _HEADS, _FORWARD, _LAYERS, _CONTEXT = 264, 64, 4, 128, 2, 4096


def write(path: Path) -> None:
    """Write the model as GGUF."""
    import gguf
    import numpy as np

    kinds = gguf.TokenType
    bytes_ = [f"<0x{i:02X}>".encode() for i in range(256)]
    tokens = [b"<unk>", b"<s>", b"</s>", *bytes_, b"<a>", b"<b>", b"<tool_call>", b"</tool_call>", "▁".encode()]
    types = [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * 256, *[kinds.USER_DEFINED] * 4, kinds.NORMAL]
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_file_type(0)
    writer.add_vocab_size(_VOCABULARY)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(_END)
    writer.add_unk_token_id(0)
    writer.add_chat_template(_TEMPLATE)

    def weights(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape) * 0.5).astype(np.float32)

    def inner(*shape: int) -> np.ndarray:
        """Return weights that leave alone what tells which tokens follow."""
        made = weights(*shape)
        made[:4] = 0.0
        return made

    embedding, output = weights(_VOCABULARY, _WIDTH), weights(_VOCABULARY, _WIDTH)
    # Every state leans one way, and against that stand all tokens that are no printable letter.
    embedding[:, 0], embedding[:, 1:4] = 8.0, 0.0
    output[:, 0] = -50.0
    output[[_byte(chr(code)) for code in range(33, 127)], 0] = 0.0
    # By name: what follows which tokens. The server lets through only what the grammar of a call has at that place.
    start, _, begun, over = range(259, 263)
    follows = [([start], [begun]), ([_byte(">"), over], [_END]), ([_byte("}")], [_byte("<"), over])]
    for way, (before, after) in enumerate(follows, 1):
        embedding[before, way], output[after, way] = 60.0, 200.0
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(_WIDTH, np.float32))
    for i in range(_LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{i}.{name}.weight", np.ones(_WIDTH, np.float32))
        for name in ("attn_q", "attn_k", "attn_v"):
            writer.add_tensor(f"blk.{i}.{name}.weight", weights(_WIDTH, _WIDTH))
        writer.add_tensor(f"blk.{i}.attn_output.weight", inner(_WIDTH, _WIDTH))
        writer.add_tensor(f"blk.{i}.ffn_gate.weight", weights(_FORWARD, _WIDTH))
        writer.add_tensor(f"blk.{i}.ffn_up.weight", weights(_FORWARD, _WIDTH))
        writer.add_tensor(f"blk.{i}.ffn_down.weight", inner(_WIDTH, _FORWARD))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _byte(character: str) -> int:
    """Return the token of a byte: three come before."""
    return 3 + ord(character)
