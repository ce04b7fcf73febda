"""A llama.cpp server that tells readable stories at a natural pace, from a model made on the spot.

usage: storyteller.py PORT [PING_SECONDS]      (needs xllamacpp, gguf and numpy)

The model is a llama whose attention and feed-forward outputs are zero: what is left is a table of which token follows
which, written down below. llama.cpp still does all the multiplications, so tokens come as slowly as from a real model
of that size, and everything on the wire is the real server's. The file is made in the working directory, and named
there without a path, so that no answer holds one.
"""

# ruff: noqa: INP001, RUF001, T201, TID251

import sys
import time
from pathlib import Path

import gguf
import numpy as np
import xllamacpp

NAME = "storyteller.gguf"
LAYERS, WIDTH, HEADS, INNER = 15, 640, 10, 2560
CONTEXT = 4096
CERTAIN = 20.0

STORIES = (
    "The lighthouse stood on a rock in the bay. Every evening at six its keeper climbed one hundred and twelve steps, "
    "wiped the salt from the glass, and lit the lamp. Ships passed far out, small as sparks, and none of them knew his "
    "name. Still he waved.\n"
    "Pack light: two pairs of shoes, a rain jacket, layers you can take off, and one good book. November is mild there "
    "but wet, and the hills are steep, so leave your umbrella at home and bring soles that grip.\n"
    "Schnee ☃ fällt leise, mañana será otro día. 東京 の 夜 は 静か です 。 Привет, мир! Naïve café, "
    "\u200fשלום\u200f नमस्ते 🗼 🌊 👩\u200d🚀 – fin."
)
CALL = (
    "<tool_call>\n", '{"name":', ' "get_weather",', ' "arguments":', ' {"city":', ' "Os', 'lo",', ' "unit":', ' "cel',
    'sius"}', "}", "\n</tool_call>",
)  # fmt: skip

TEMPLATE = """\
{%- if tools %}{{- '<|im_start|>system\\nTools:\\n<tools>' }}
{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}
{{- '\\n</tools>\\nCall one like this:\\n<tool_call>\\n' }}
{{- '{"name": <name>, "arguments": <object>}\\n</tool_call><|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'assistant' and message.tool_calls %}
        {{- '<|im_start|>assistant' }}
        {%- if message.content %}{{- '\\n' + message.content }}{%- endif %}
        {%- for call in message.tool_calls %}
            {{- '\\n<tool_call>\\n{"name": "' }}{{- call.function.name }}
            {{- '", "arguments": ' }}{{- call.function.arguments | tojson }}{{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""


def chains() -> list[list[str]]:
    """Return the stories as tokens. A token has one follower only, so a word met again takes the next word with it."""
    known: set[str] = set()
    told = []
    for story in STORIES.splitlines():
        chain: list[str] = []
        piece = ""
        for word in story.split(" "):
            piece += ("▁" if chain or piece else "") + word
            if piece not in known:
                known.add(piece)
                chain.append(piece)
                piece = ""
        if piece:
            chain[-1] += piece
        told.append(chain)
    return [*told, [token.replace(" ", "▁") for token in CALL]]


def make(path: Path) -> None:
    """Write the model."""
    told = chains()
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    first = len(tokens)
    tokens += [token for chain in told for token in chain]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("storyteller")
    write_sizes(writer, len(tokens))
    write_tokens(writer, tokens, first)
    write_tensors(writer, following(told, first, len(tokens)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def following(told: list[list[str]], first: int, count: int) -> np.ndarray:
    """Return which token follows which: within a chain the next one, after anything else the beginning of a chain."""
    follows = np.zeros((WIDTH, count), np.float32)
    ids = iter(range(first, count))
    numbered = [[next(ids) for _ in chain] for chain in told]
    follows[:first, [chain[0] for chain in numbered]] = CERTAIN
    for chain in numbered:
        for token, after in zip(chain, [*chain[1:], 2], strict=True):
            follows[token, after] = CERTAIN
    return follows


def write_sizes(writer: gguf.GGUFWriter, count: int) -> None:
    """Write the shape of the model."""
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(count)
    writer.add_file_type(0)


def write_tokens(writer: gguf.GGUFWriter, tokens: list[str], first: int) -> None:
    """Write the vocabulary; the tokens from ``first`` on are words of ours."""
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token.encode() for token in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([2, 3, 3, *[6] * 256, *[1] * (len(tokens) - first)])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(value=True)
    writer.add_add_space_prefix(value=False)


def write_tensors(writer: gguf.GGUFWriter, follows: np.ndarray) -> None:
    """Write weights: layers that add nothing, between an identity and the table of what follows."""
    writer.add_tensor("token_embd.weight", np.eye(follows.shape[1], WIDTH, dtype=np.float32))
    writer.add_tensor("output.weight", np.ascontiguousarray(follows.T / np.sqrt(WIDTH), np.float32))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    square, up, down = (WIDTH, WIDTH), (INNER, WIDTH), (WIDTH, INNER)
    shapes = dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output"), square)
    shapes |= {"ffn_gate": up, "ffn_up": up, "ffn_down": down}
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))
        for name, shape in shapes.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.zeros(shape, np.float32))


def main() -> None:
    """Make the model where it is missing, and serve it until killed."""
    if not Path(NAME).exists():
        make(Path(NAME))
    params = xllamacpp.CommonParams()
    params.model.path = NAME
    params.n_ctx = CONTEXT
    params.n_parallel = 2
    params.warmup = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.hostnames = ["127.0.0.1"]
    params.port = int(sys.argv[1])
    params.sampling.seed = 1  # draws the first story, for those who do not ask with a seed
    params.use_jinja = True
    params.chat_template = TEMPLATE
    if len(sys.argv) > 2:
        params.sse_ping_interval = int(sys.argv[2])
    server = xllamacpp.Server(params)
    print("listening at", server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
