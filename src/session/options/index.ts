export type { AsyncClusterOptions, PoolingOptions } from './cluster-options.js';
export { CLUSTER_TABLE, POOLING_TABLE } from './cluster-table.js';
export { parseContactPoint } from './contact-point.js';
export { EXECUTE_OPTION_CHECKS, validateExecuteOptions, type ExecuteOptions } from './execute-options.js';
export { validatePrepareOptions, type PrepareOptions } from './prepare-options.js';
export { defaultProfile, profileNamed, type ExecutionProfileOptions, type ResolvedProfile } from './profiles.js';
export { validateSignalOptions, type CloseOptions, type SetKeyspaceOptions } from './signal-options.js';
export { validateClusterOptions, type ResolvedClusterOptions } from './validate.js';
