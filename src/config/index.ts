/**
 * The settings of a store, `holdfast.yaml` in its folder. One schema is the source of the checks, of docs/configuration.md and
 * of what a command does when a flag is left out. What the settings bring about is for the store to say.
 */
export { type Config, defaultConfig, readConfig } from "./read.ts";
