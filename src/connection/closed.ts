import { ConnectionError } from '../errors.js';

// What is told to those who come after `close()`, and to those whom it cuts off. The texts are part of the contract.

export function clusterIsClosed(): ConnectionError {
  return new ConnectionError('Cluster is closed');
}

export function sessionIsClosed(): ConnectionError {
  return new ConnectionError('Session is closed');
}
