import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIMS = join(dirname(fileURLToPath(import.meta.url)), 'shims');

// The worker's build file links each subproject's library as a whole, by name. The code comes from Debian's packages,
// so each of them gives an archive with nothing in it under that name.
const empty = (variable) => `${variable} = static_library('empty-${variable}', 'empty.c')\n`;
const project = (name, languages = "'c'") => `project('${name}', ${languages})\n`;

const ABSEIL_PARTS = [
  'absl_algorithm_container',
  'absl_base',
  'absl_core_headers',
  'absl_flat_hash_map',
  'absl_inlined_vector',
  'absl_memory',
  'absl_optional',
  'absl_strings',
  'absl_variant',
];

/** What stands in for each subproject: its build file and the options that the worker sets on it. */
const SUBPROJECTS = {
  libuv: {
    build: `${project('libuv')}libuv_dep = dependency('libuv')\n${empty('libuv')}`,
    options: { build_tests: 'boolean', build_benchmarks: 'boolean' },
  },
  openssl: {
    build: `${project('openssl')}openssl_dep = dependency('openssl')\n${empty('libcrypto_lib')}${empty('libssl_lib')}`,
  },
  flatbuffers: {
    build: `${project('flatbuffers')}flatbuffers_dep = declare_dependency(link_args: ['-lflatbuffers'])\n${empty('flatbuffers_lib')}`,
  },
  'abseil-cpp': {
    build:
      project('abseil-cpp', "'c', 'cpp'") +
      `parts = []\nforeach name : [${ABSEIL_PARTS.map((name) => `'${name}'`).join(', ')}]\n  parts += dependency(name)\nendforeach\n` +
      ['container', 'base', 'strings', 'types', 'algorithm', 'numeric']
        .map((part) => `absl_${part}_dep = declare_dependency(dependencies: parts)\n`)
        .join('') +
      empty('absl_container_lib'),
  },
  libsrtp3: {
    build:
      project('libsrtp3', "'cpp', default_options: ['cpp_std=c++20']") +
      "below = [dependency('libsrtp2'), dependency('openssl')]\n" +
      "here = include_directories('include')\n" +
      "libsrtp3 = static_library('srtp3-on-2', 'srtp3-on-2.cpp', include_directories: here, dependencies: below)\n" +
      'libsrtp3_dep = declare_dependency(link_with: libsrtp3, include_directories: here, dependencies: below)\n',
    options: { 'crypto-library': 'string', 'crypto-library-kdf': 'string', tests: 'string' },
    files: { 'include/srtp.h': 'srtp.h', 'srtp3-on-2.cpp': 'srtp3-on-2.cpp' },
  },
  'unordered-dense': {
    build:
      project('unordered-dense', "'cpp'") +
      "ankerl_unordered_dense_dep = declare_dependency(include_directories: include_directories('include'))\n",
    files: { 'include/ankerl/unordered_dense.h': 'unordered_dense.h' },
  },
};

/** Puts every subproject of the worker's source in place, in the folder that its wrap file names. */
export function writeSubprojects(worker) {
  const folder = join(worker, 'subprojects');
  const wraps = readdirSync(folder).filter((name) => name.endsWith('.wrap'));
  for (const [name, { build, options = {}, files = {} }] of Object.entries(SUBPROJECTS)) {
    const wrap = `${name}.wrap`;
    if (!wraps.includes(wrap))
      throw new Error(`the worker's source has no ${wrap}: its build file has changed`);
    const target = join(
      folder,
      /^directory = (.*)$/m.exec(readFileSync(join(folder, wrap), 'utf8'))[1].trim(),
    );
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'meson.build'), build);
    writeFileSync(join(target, 'empty.c'), 'typedef int nothing;\n');
    const lines = Object.entries(options).map(([key, type]) => `option('${key}', type: '${type}')\n`);
    if (lines.length > 0) writeFileSync(join(target, 'meson_options.txt'), lines.join(''));
    for (const [to, from] of Object.entries(files)) cpSync(join(SHIMS, from), join(target, to));
  }
}
