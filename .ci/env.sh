# What .ci/run and .ci/full share: where things are, Pythons, virtual environments, stages. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache="$root/.cache"
mkdir -p "$cache"
cd "$root"

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_QUIET=2
export PIP_COMPILE=0 # of all that is installed little is ever imported: that is compiled then
unset PYTHONDONTWRITEBYTECODE # the same programs start again and again, and with bytecode in a third of the time
export PYRIGHT_PYTHON_IGNORE_WARNINGS=1 PYRIGHT_PYTHON_CACHE_DIR="$cache/pyright"
# Copies of the tree find the corpus of real streams and the real servers too; without them their tests are skipped.
shared=$(cd "$root/../shared" 2>/dev/null && pwd || true)
if [[ -d "$shared/corpus" ]]; then export STREAMSIM_CORPUS="${STREAMSIM_CORPUS:-$shared/corpus}"; fi
if [[ -d "$shared/servers" ]]; then export STREAMSIM_SERVERS="${STREAMSIM_SERVERS:-$shared/servers}"; fi

stage_name=""
stage_times=""

# stage NAME COMMAND...: run it, and say how long it took.
stage() {
    stage_name=$1
    shift
    local began=$SECONDS
    printf '\n== %s\n' "$stage_name"
    "$@" </dev/null
    local took=$((SECONDS - began))
    stage_times+=$(printf '%5d s  %s' "$took" "$stage_name")$'\n'
    stage_name=""
}

# closing NAME: what to say at the very end, whatever happens. Only a script that came to its last line, `passed=yes`, has
# passed: one that was killed has not.
passed=no
closing() {
    local code=$?
    [[ -z "$stage_times" ]] || printf '\n%s' "$stage_times"
    if [[ $passed == yes && $code -eq 0 ]]; then
        printf '%s: passed in %d s\n' "$1" "$SECONDS"
        exit 0
    fi
    printf '%s: FAILED after %d s, in: %s\n' "$1" "$SECONDS" "${stage_name:-the script itself}"
    exit "$((code == 0 ? 1 : code))"
}

# python_for X.Y: print the path of that Python, from PATH or from pyenv.
python_for() {
    local candidate
    for candidate in "$(command -v "python$1" || true)" "$HOME"/.pyenv/versions/"$1"*/bin/python; do
        if [[ -x "$candidate" ]]; then
            "$candidate" -c 'import sys; v = ".".join(map(str, sys.version_info[:2])); v == sys.argv[1] and print(sys.executable)' "$1" 2>/dev/null | grep . && return
        fi
    done
    echo "no Python $1, neither on PATH nor from pyenv: install it" >&2
    return 1
}

# venv X.Y EXTRAS: make .cache/venv-X.Y with streamsim (editable) and its extras, unless it is there and up to date.
venv() {
    local folder="$cache/venv-$1" python stamp
    python=$(python_for "$1")
    stamp=$({ echo "$python $2"; cat pyproject.toml .ci/constraints.txt; } | cksum)
    if [[ "$(cat "$folder/.stamp" 2>/dev/null)" != "$stamp" ]]; then
        rm -rf "$folder"
        "$python" -m venv "$folder"
        "$folder/bin/pip" install --constraint .ci/constraints.txt --editable ".[$2]"
        echo "$stamp" >"$folder/.stamp"
    fi
    echo "venv-$1: $("$folder/bin/python" --version), streamsim[$2]"
}

# live: add what the tests against a real llama.cpp server need; without it they are skipped.
live() {
    "$cache/venv-3.11/bin/pip" install --constraint .ci/constraints.txt --editable '.[live]' ||
        echo "the extra 'live' cannot be installed here: tests marked live will be skipped"
}

# balancer: install a real balancer, where the system lets us; without one the tests with replicas behind it are skipped.
balancer() {
    PATH="$PATH:/usr/sbin"
    if ! command -v nginx >/dev/null && [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        timeout 180 env DEBIAN_FRONTEND=noninteractive bash -c \
            '{ apt-get install -y -qq nginx-light || { apt-get update -qq && apt-get install -y -qq nginx-light; }; } >/dev/null 2>&1' || true
    fi
    if command -v nginx >/dev/null; then nginx -v 2>&1; else echo "nginx is not to be had here: tests with replicas behind it will be skipped"; fi
}

# node_sdks: fetch OpenAI's and Anthropic's SDKs for Node, and a parser; without them their tests are skipped.
node_sdks() {
    local sdk
    if timeout 180 npm install --no-save --no-audit --no-fund --loglevel=error --prefix "$cache/node" openai @anthropic-ai/sdk eventsource-parser@latest; then
        for sdk in openai @anthropic-ai/sdk eventsource-parser; do
            echo "$sdk for Node: $(sed -n 's/^  "version": "\(.*\)",/\1/p' "$STREAMSIM_NODE_MODULES/$sdk/package.json")"
        done
    else
        echo "npm, or the SDKs for Node, are not to be had here in time: their tests will be skipped"
    fi
}
export STREAMSIM_NODE_MODULES="$cache/node/node_modules"
