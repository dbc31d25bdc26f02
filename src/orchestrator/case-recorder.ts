import type { ApprovalRequest, EvaluatedDecision } from '../domain/approval.js';
import type { CaseFile, CaseView, Effect, Stage } from '../domain/case-file.js';
import {
  applyCaseUpdate,
  type CaseChanges,
  type CaseHeader,
  type CaseUpdate,
  emptyCaseFile,
  mergeCaseUpdates,
} from '../domain/case-file-updates.js';
import { clip } from '../domain/clip.js';
import { summariseSteps } from '../domain/plan.js';
import type { Sealer } from '../domain/sealed.js';
import { type Context, isoTime, showStatus, signalCase } from './durable.js';

/** An addition to the case file. `text` becomes a line of the timeline; an entry without it adds no line. */
export interface CaseEntry {
  readonly text?: string;
  /** Each replaces the request with the same id. */
  readonly approvals?: readonly ApprovalRequest[];
  readonly changes?: CaseChanges;
  readonly decisions?: readonly EvaluatedDecision[];
  readonly effects?: readonly Effect[];
  /** The run has no outcome any more; see `reopened` of the update. */
  readonly reopened?: true;
}

const TITLE_LENGTH = 200;

/** Writes the case file and the custom status, and holds the orchestration's own copy of the case file. */
export class CaseRecorder {
  readonly #ctx: Context;
  readonly #seal: Sealer['seal'];
  /** The case file as the entity has it. */
  #sent: CaseFile;
  /** Everything added since then, as one update. */
  #next: CaseUpdate;
  #file: CaseFile;
  #mustSend = false;

  constructor(ctx: Context, seal: Sealer['seal'], header: CaseHeader, text: string) {
    this.#ctx = ctx;
    this.#seal = seal;
    this.#sent = emptyCaseFile(header);
    this.#next = { ...this.#update(1, 'reading', { text }), open: header };
    this.#file = applyCaseUpdate(this.#sent, this.#next);
  }

  /** The case file with all additions, sent or not. */
  get file(): CaseFile {
    return this.#file;
  }

  /** Adds an entry that is sent at the next chance. */
  add(entry: CaseEntry): void {
    this.addToNext(entry);
    this.#mustSend = true;
  }

  /** Adds an entry that waits for the next `add`, which follows soon: every signal costs a turn. */
  addToNext(entry: CaseEntry): void {
    const stage = entry.changes?.stage ?? this.#file.stage;
    this.#next = mergeCaseUpdates(this.#next, this.#update(this.#sent.revision + 1, stage, entry));
    this.#file = applyCaseUpdate(this.#sent, this.#next);
  }

  /** Entries of `addToNext` no longer wait for the next `add`. */
  sendAll(): void {
    this.#mustSend ||= this.#sent !== this.#file;
  }

  get isEmpty(): boolean {
    return !this.#mustSend;
  }

  /** Sends all additions as one signal, and sets the custom status. */
  send(): void {
    if (this.isEmpty) return;
    this.#mustSend = false;
    signalCase(this.#ctx, this.#seal, this.#file.generation, this.#next);
    this.#sent = this.#file;
    this.#next = this.#update(this.#file.revision + 1, this.#file.stage, {});
    this.#showStatus();
  }

  /** The part of the case file that the comment and the cards show. */
  view(): CaseView {
    const { findings, timeline: _, deliveries: __, submitters: ___, content: ____, ...file } = this.#file;
    const { proposal: _____, modifiedAt: ______, involved: _______, leftOut: ________, ...rest } = file;
    return {
      ...rest,
      findings: findings.map((finding) => {
        if (finding.status === 'failed') return finding;
        const { output: _output, ...brief } = finding;
        return brief;
      }),
    };
  }

  #update(sequence: number, stage: Stage, entry: CaseEntry): CaseUpdate {
    return {
      sequence,
      ...(entry.reopened ? { reopened: true as const } : {}),
      changes: entry.changes ?? {},
      approvals: [...(entry.approvals ?? [])],
      decisions: [...(entry.decisions ?? [])],
      effects: [...(entry.effects ?? [])],
      timeline: entry.text === undefined ? [] : [{ at: isoTime(this.#ctx), stage, text: entry.text }],
    };
  }

  #showStatus(): void {
    const { origin, generation, stage, reading, title, number, severity } = this.#file;
    const { outcome, unfinished, endedAt, revision } = this.#file;
    const waiting = outcome === undefined ? waitingOf(this.#file) : [];
    showStatus(this.#ctx, {
      state: stage,
      origin,
      generation,
      title: clip(title, TITLE_LENGTH),
      severity,
      revision,
      ...(number === undefined ? {} : { number }),
      ...(reading === undefined || stage !== 'reading' ? {} : { reading }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(unfinished === undefined ? {} : { unfinished }),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(waiting[0] === undefined ? {} : { expiresAt: waiting[0].expiresAt, waiting }),
    });
  }
}

/** The approval queue lists them. A custom status has room for this many. */
const MOST_WAITING = 8;

function waitingOf({ approvals, plan }: CaseFile) {
  return approvals
    .filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond')
    .map(({ id, tier, revision, expiresAt, stepIds }) => {
      const asks = summariseSteps(plan, stepIds);
      return { id, tier, revision, expiresAt, ...(asks === undefined ? {} : { asks }) };
    })
    .sort((a, b) => (a.expiresAt < b.expiresAt ? -1 : 1))
    .slice(0, MOST_WAITING);
}
