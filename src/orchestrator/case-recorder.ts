import type { ApprovalRequest, JudgedDecision } from '../domain/approval.js';
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
import { asksFor } from '../domain/plan.js';
import type { Sealer } from '../domain/sealed.js';
import { type Context, isoTime, showStatus, signalCase } from './durable.js';

/** What is added to the case file. `text` becomes a line of the timeline; what nobody needs to read has none. */
export interface CaseEntry {
  readonly text?: string;
  /** Each takes the place of the request of the same id. */
  readonly approvals?: readonly ApprovalRequest[];
  readonly changes?: CaseChanges;
  readonly decisions?: readonly JudgedDecision[];
  readonly effects?: readonly Effect[];
}

const TITLE_LENGTH = 200;

/** Writes the case file and the custom status, and keeps the orchestration's own copy of what it wrote. */
export class CaseRecorder {
  readonly #ctx: Context;
  readonly #seal: Sealer['seal'];
  /** As the entity has it. */
  #sent: CaseFile;
  /** What was added since, as one update. */
  #next: CaseUpdate;
  #file: CaseFile;
  #hasNews = false;

  constructor(ctx: Context, seal: Sealer['seal'], header: CaseHeader, text: string) {
    this.#ctx = ctx;
    this.#seal = seal;
    this.#sent = emptyCaseFile(header);
    this.#next = { ...this.#update(1, 'reading', { text }), open: header };
    this.#file = applyCaseUpdate(this.#sent, this.#next);
  }

  /** With all that was added, sent or not. */
  get file(): CaseFile {
    return this.#file;
  }

  add(entry: CaseEntry): void {
    this.addToNext(entry);
    this.#hasNews = true;
  }

  /** Adds what goes with the next news, which will come soon: a signal costs as much as a turn. */
  addToNext(entry: CaseEntry): void {
    const stage = entry.changes?.stage ?? this.#file.stage;
    this.#next = mergeCaseUpdates(this.#next, this.#update(this.#sent.revision + 1, stage, entry));
    this.#file = applyCaseUpdate(this.#sent, this.#next);
  }

  /** What was to go with the next news does not wait for it any longer. */
  sendAll(): void {
    this.#hasNews ||= this.#sent !== this.#file;
  }

  get isEmpty(): boolean {
    return !this.#hasNews;
  }

  /** Sends what was added as one signal, with the custom status that goes with it. */
  send(): void {
    if (this.isEmpty) return;
    this.#hasNews = false;
    signalCase(this.#ctx, this.#seal, this.#file.generation, this.#next);
    this.#sent = this.#file;
    this.#next = this.#update(this.#file.revision + 1, this.#file.stage, {});
    this.#showStatus();
  }

  /** What the living comment and the cards show. */
  view(): CaseView {
    const { findings, timeline: _timeline, ...rest } = this.#file;
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
      changes: entry.changes ?? {},
      approvals: [...(entry.approvals ?? [])],
      decisions: [...(entry.decisions ?? [])],
      effects: [...(entry.effects ?? [])],
      timeline: entry.text === undefined ? [] : [{ at: isoTime(this.#ctx), stage, text: entry.text }],
    };
  }

  #showStatus(): void {
    const { generation, stage, title, number, severity, outcome, revision } = this.#file;
    const waiting = outcome === undefined ? waitingOf(this.#file) : [];
    showStatus(this.#ctx, {
      state: stage,
      generation,
      title: clip(title, TITLE_LENGTH),
      severity,
      revision,
      ...(number === undefined ? {} : { number }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(waiting[0] === undefined ? {} : { expiresAt: waiting[0].expiresAt, waiting }),
    });
  }
}

/** A queue of work shows them; the most that fit into a status. */
const MOST_WAITING = 8;

function waitingOf({ approvals, plan }: CaseFile) {
  return approvals
    .filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond')
    .map(({ id, tier, revision, expiresAt, stepIds }) => {
      const asks = asksFor(plan, stepIds);
      return { id, tier, revision, expiresAt, ...(asks === undefined ? {} : { asks }) };
    })
    .sort((a, b) => (a.expiresAt < b.expiresAt ? -1 : 1))
    .slice(0, MOST_WAITING);
}
