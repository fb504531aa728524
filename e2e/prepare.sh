# shellcheck shell=bash
# For scripts/e2e and scripts/screenshots, which source it: installs what they need, where that is possible, and builds
# boxoffice. Sets E2E_HOME, BOXOFFICE_BIN, CHROMIUM and E2E_PYTHON.

# Exact versions: what is tested is what was published, not what is newest. This playwright-core is the last one that runs
# on Node 18, which is what Debian 12 has.
E2E_NODE_PACKAGES=(coinbase-commerce-node@1.0.4 playwright-core@1.61.1)
E2E_PYTHON_PACKAGES=(coinbase-commerce==1.0.1)

e2e_has() {
    command -v "$1" >/dev/null
}

e2e_has_node() {
    e2e_has npm && e2e_has node && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)'
}

e2e_has_python() {
    e2e_has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null
}

e2e_chromium() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
        '/Applications/Chromium.app/Contents/MacOS/Chromium' \
        '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
        if [[ -n $name ]] && e2e_has "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# The Debian packages of what is missing, for the tools that are asked for.
e2e_missing() { # TOOL…
    local tool
    for tool in "$@"; do
        case $tool in
            node) e2e_has_node || echo nodejs npm ;;
            python) e2e_has_python || echo python3 python3-venv ;;
            browser) e2e_chromium >/dev/null || echo chromium ;;
            php) e2e_has php || echo php-cli ;;
            curl) e2e_has curl || echo curl ;;
        esac
    done
}

e2e_as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

e2e_may_be_root() {
    [[ $(id -u) -eq 0 ]] || { e2e_has sudo && sudo -n true 2>/dev/null; }
}

e2e_install_tools() { # TOOL…
    local missing
    missing=$(e2e_missing "$@")
    [[ -n $missing ]] || return 0
    echo "The end-to-end tests need what isn't installed: installing" $missing >&2
    if e2e_has apt-get && e2e_may_be_root; then
        # An outdated list of packages may still do.
        e2e_as_root apt-get update -qq || true
        # shellcheck disable=SC2086 # a list of words
        e2e_as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends $missing \
            >&2 || true
    fi
    missing=$(e2e_missing "$@")
    [[ -n $missing ]] || return 0
    cat >&2 <<'MESSAGE'
The end-to-end tests couldn't install what they need from here. They need:
  Node 18 or newer, with npm    Debian: apt-get install nodejs npm          macOS: brew install node
  Python 3 with venv and pip    Debian: apt-get install python3 python3-venv
  Chromium or Chrome            Debian: apt-get install chromium            macOS: brew install --cask chromium
  PHP's command line, and curl  Debian: apt-get install php-cli curl        macOS: brew install php
CHROMIUM may name a browser that isn't on the PATH.
MESSAGE
    echo 'Still missing:' $missing >&2
    return 1
}

# Whether a folder holds just these packages already; e2e_done writes it down.
e2e_is_done() { # FOLDER PACKAGE…
    [[ -f $1/.installed && $(<"$1/.installed") == "${*:2}" ]]
}

e2e_done() { # FOLDER PACKAGE…
    echo "${*:2}" >"$1/.installed"
}

e2e_install_node_packages() {
    if ! e2e_is_done "$E2E_HOME/node_modules" "${E2E_NODE_PACKAGES[@]}"; then
        mkdir -p "$E2E_HOME"
        echo '{ "private": true }' >"$E2E_HOME/package.json"
        (cd "$E2E_HOME" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --save-exact \
            --loglevel=error "${E2E_NODE_PACKAGES[@]}" >&2)
        e2e_done "$E2E_HOME/node_modules" "${E2E_NODE_PACKAGES[@]}"
    fi
}

e2e_install_python_packages() {
    if ! e2e_is_done "$E2E_HOME/venv" "${E2E_PYTHON_PACKAGES[@]}"; then
        rm -rf "$E2E_HOME/venv"
        python3 -m venv "$E2E_HOME/venv"
        "$E2E_HOME/venv/bin/python" -m pip install --quiet --disable-pip-version-check "${E2E_PYTHON_PACKAGES[@]}" >&2
        e2e_done "$E2E_HOME/venv" "${E2E_PYTHON_PACKAGES[@]}"
    fi
    E2E_PYTHON=$E2E_HOME/venv/bin/python
}

e2e_build() {
    if [[ -z ${BOXOFFICE_BIN:-} ]]; then
        cargo build --locked --package boxoffice >&2
        BOXOFFICE_BIN=$E2E_TARGET/debug/boxoffice
    fi
    BOXOFFICE_BIN=$(realpath "$BOXOFFICE_BIN")
}

e2e_prepare() { # TOOL…: of node, python, browser, php, curl
    E2E_TARGET=${CARGO_TARGET_DIR:-target}
    mkdir -p "$E2E_TARGET"
    E2E_TARGET=$(realpath "$E2E_TARGET")
    E2E_HOME=$E2E_TARGET/e2e
    e2e_install_tools "$@"
    local tool
    for tool in "$@"; do
        case $tool in
            node) e2e_install_node_packages ;;
            python) e2e_install_python_packages ;;
            browser) CHROMIUM=$(e2e_chromium) ;;
        esac
    done
    e2e_build
    export E2E_HOME BOXOFFICE_BIN CHROMIUM="${CHROMIUM:-}"
}
