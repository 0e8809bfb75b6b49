/**
 * The module loader of the page, in the shape of the one that WhatsApp Web uses: `__d` registers, `require` and
 * `importNamespace` resolve, `require("__debug").modulesMap` lists. wa-js looks for what it needs in that list by the
 * shape of what a module exports, so the names matter only where wa-js asks for them by name.
 */

const modulesMap = {};

/**
 * @param {string} id wa-js only looks at ids that begin with WA or useWA
 * @param {Record<string, unknown>} exports one object for ever: wa-js replaces functions in it to listen in
 */
export function define(id, exports) {
  modulesMap[id] = { factory: () => exports, exports };
}

/** What a module exports at this moment, with whatever wa-js has wrapped around it. */
export function load(id) {
  const module = modulesMap[id];
  if (module === undefined) throw new Error(`Requiring unknown module "${id}"`);
  return module.exports;
}

/** Shows the loader to the page. From here on wa-js begins to look around. */
export function install(version) {
  globalThis.ErrorGuard = { skipGuardGlobal: () => undefined };
  globalThis.importNamespace = load;
  globalThis.__d = (id, _dependencies, factory) => {
    const exports = {};
    factory(globalThis, load, load, load, { exports }, exports);
    define(id, exports);
  };
  globalThis.require = (id) => (id === "__debug" ? { modulesMap } : load(id));
  globalThis.Debug = { VERSION: version };
}
