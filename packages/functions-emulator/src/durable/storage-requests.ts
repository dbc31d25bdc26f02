/**
 * What each step of the engine would cost on Azure Storage, by the rules of the real host's storage provider
 * (DurableTask.AzureStorage, extended sessions off): https://github.com/Azure/durabletask, AzureStorageOrchestrationService.cs
 * and Tracking/AzureTableTrackingStore.cs.
 *
 * - A message to an instance (start, event, signal, response, result, timer) is one add to a control queue, and one delete
 *   once its turn is committed. A timer's message is added when the timer is created.
 * - An activity is one add to the work-item queue, and one delete when it has ended.
 * - A turn, also one of an entity, reads the instance's history once, writes its new rows in batches of at most 99, and then
 *   its row in the table Instances.
 * - An entity is an orchestration that continues as new after each batch: four rows, one of which holds its whole state, and
 *   the state again in Instances.
 * - A start by a client reads the instance's row, and inserts it. Raise event, terminate, suspend and resume read it first.
 * - Data longer than a queue message (45 KiB) or a table property (60 KiB of UTF-16) allows is written to a blob.
 *
 * Polls of empty queues are not counted: they depend on elapsed time, not on the work done.
 */

import type { StorageRequest, StorageRequestKind } from '../types.js';

export type StorageObserver = (request: StorageRequest) => void;

/** Rows of a batch; the hundredth is the sentinel that holds the lock of the history. */
const BATCH_ROWS = 99;
const ENTITY_ROWS = 4;
/** Row key and execution id, which each row has besides the instance's id. */
const KEY_BYTES = 16 + 32;
const LONGEST_MESSAGE_BYTES = 45 * 1024;
const LONGEST_PROPERTY_CHARS = 30 * 1024;

const bytesOf = (text: string | null): number => (text === null ? 0 : Buffer.byteLength(text));

export class StorageRequestMeter {
  constructor(private readonly observe: StorageObserver | undefined) {}

  /** Whether requests are observed; texts need not be built otherwise. */
  get counted(): boolean {
    return this.observe !== undefined;
  }

  /** A message is on its way to an instance. */
  sent(instanceId: string, text: string): void {
    if (!this.counted) return;
    const bytes = bytesOf(text);
    if (bytes > LONGEST_MESSAGE_BYTES) this.#emit('blob-write', instanceId, 0, bytes);
    this.#emit('control-queue-add', instanceId, 0, bytes);
  }

  scheduled(instanceId: string, input: string | null): void {
    const bytes = bytesOf(input);
    if (bytes > LONGEST_MESSAGE_BYTES) this.#emit('blob-write', instanceId, 0, bytes);
    this.#emit('work-item-add', instanceId, 0, bytes);
  }

  /** An activity has ended: its result is sent, its message deleted. */
  activityEnded(instanceId: string, resultText: string): void {
    this.sent(instanceId, resultText);
    this.#emit('work-item-delete', instanceId);
  }

  /**
   * A turn of an orchestration is committed.
   * @param messages texts of the messages it consumed
   * @param rows its new history, one JSON text each
   * @param row the new content of Instances, as text
   */
  turn(instanceId: string, messages: readonly string[], rows: readonly string[], row: string): void {
    this.#received(instanceId, messages);
    for (const text of rows) {
      if (text.length > LONGEST_PROPERTY_CHARS) this.#emit('blob-write', instanceId, 0, bytesOf(text));
    }
    const keys = bytesOf(instanceId) + KEY_BYTES;
    for (let from = 0; from < rows.length; from += BATCH_ROWS) {
      const batch = rows.slice(from, from + BATCH_ROWS);
      const bytes = batch.reduce((sum, text) => sum + bytesOf(text) + keys, 0);
      this.#emit('history-write', instanceId, batch.length, bytes);
    }
    this.#emit('instance-write', instanceId, 0, bytesOf(row));
  }

  /** A batch of an entity is written. */
  batch(instanceId: string, messages: readonly string[], state: string): void {
    if (!this.counted) return;
    this.#received(instanceId, messages);
    const bytes = bytesOf(state);
    if (state.length > LONGEST_PROPERTY_CHARS) {
      this.#emit('blob-read', instanceId);
      this.#emit('blob-write', instanceId, 0, bytes);
    }
    this.#emit('history-write', instanceId, ENTITY_ROWS, bytes);
    this.#emit('instance-write', instanceId, 0, bytes);
  }

  /** Messages are discarded: their instance has ended, or never existed. */
  dropped(instanceId: string, messages: number): void {
    for (let left = messages; left > 0; left -= 1) this.#emit('control-queue-delete', instanceId);
  }

  /** A client starts an instance. */
  inserted(instanceId: string, input: string | null): void {
    this.#emit('instance-read', instanceId);
    this.#emit('instance-insert', instanceId, 0, bytesOf(input));
  }

  /** A client reads the status of one. */
  read(instanceId: string): void {
    this.#emit('instance-read', instanceId);
  }

  #received(instanceId: string, messages: readonly string[]): void {
    this.#emit('history-query', instanceId);
    for (const text of messages) {
      if (bytesOf(text) > LONGEST_MESSAGE_BYTES) this.#emit('blob-read', instanceId);
      this.#emit('control-queue-delete', instanceId);
    }
  }

  #emit(kind: StorageRequestKind, instanceId: string, rows = 0, bytes = 0): void {
    this.observe?.({ kind, instanceId, rows, bytes });
  }
}
