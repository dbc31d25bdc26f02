/** The subset of Adaptive Cards 1.5 in use. https://adaptivecards.io/explorer/ */

export type Style = 'default' | 'emphasis' | 'good' | 'attention' | 'warning' | 'accent';

export interface TextBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly size?: 'Small' | 'Default' | 'Medium' | 'Large';
  readonly weight?: 'Bolder';
  readonly isSubtle?: true;
  readonly style?: 'heading';
  readonly spacing?: 'None' | 'Small' | 'Medium';
  readonly separator?: true;
}
export interface Container {
  readonly type: 'Container';
  readonly style: Style;
  readonly bleed: true;
  readonly items: readonly Element[];
}
export interface TableCell {
  readonly type: 'TableCell';
  readonly items: readonly TextBlock[];
}
export interface Table {
  readonly type: 'Table';
  readonly showGridLines: boolean;
  readonly columns: readonly { readonly width: number | string }[];
  readonly rows: readonly { readonly type: 'TableRow'; readonly cells: readonly TableCell[] }[];
}
export interface ChoiceSet {
  readonly type: 'Input.ChoiceSet';
  readonly id: string;
  readonly label: string;
  readonly style: 'expanded';
  readonly isMultiSelect: true;
  readonly wrap: true;
  /** Values of the preselected choices, separated by commas. */
  readonly value: string;
  readonly choices: readonly { readonly title: string; readonly value: string }[];
}
export interface TextInput {
  readonly type: 'Input.Text';
  readonly id: string;
  readonly label: string;
  readonly isMultiline: true;
  readonly maxLength: number;
  readonly isRequired?: true;
  readonly errorMessage?: string;
}
export type Element = TextBlock | Container | Table | ChoiceSet | TextInput;

export interface Execute {
  readonly type: 'Action.Execute';
  readonly id: string;
  readonly title: string;
  readonly verb: CardVerb;
  readonly style?: 'positive' | 'destructive';
  readonly mode?: 'secondary';
  readonly data: CardData;
}
export interface ShowCard {
  readonly type: 'Action.ShowCard';
  readonly title: string;
  readonly card: {
    readonly type: 'AdaptiveCard';
    readonly version: '1.5';
    readonly body: readonly Element[];
    readonly actions: readonly Execute[];
  };
}
export interface OpenUrl {
  readonly type: 'Action.OpenUrl';
  readonly title: string;
  readonly url: string;
  readonly mode?: 'secondary';
}
export type Action = Execute | ShowCard | OpenUrl;

export interface AdaptiveCard {
  readonly type: 'AdaptiveCard';
  readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  readonly version: '1.5';
  readonly lang: 'en';
  readonly fallbackText: string;
  readonly msteams: { readonly width: 'Full' };
  readonly refresh?: { readonly action: Execute; readonly userIds: readonly [] };
  readonly body: readonly Element[];
  readonly actions: readonly Action[];
}

export const CARD_VERBS = [
  'sentinel.approve',
  'sentinel.reject',
  'sentinel.extend',
  'sentinel.undo',
  'sentinel.refresh',
] as const;
export type CardVerb = (typeof CARD_VERBS)[number];

/** The data that a card's button returns, together with the inputs. The person who clicks can change all of it. */
export interface CardData {
  readonly v: 1;
  /** Id of the request. */
  readonly rid: string;
  readonly rev: number;
  readonly tok: string;
}

export function text(
  value: string,
  more: Partial<Omit<TextBlock, 'type' | 'text' | 'wrap'>> = {},
): TextBlock {
  return { type: 'TextBlock', text: value, wrap: true, ...more };
}

export function heading(value: string): TextBlock {
  return text(value, { weight: 'Bolder', style: 'heading', separator: true, spacing: 'Medium' });
}

/** Two columns, the first narrow: three would break words on a phone. Clients treat the first row as the header. */
export function twoColumns(
  headers: readonly [string, string],
  rows: readonly (readonly [TableCell, TableCell])[],
): Table {
  const header = headers.map((title) => cell(text(title, { weight: 'Bolder' })));
  return {
    type: 'Table',
    showGridLines: true,
    columns: [{ width: '104px' }, { width: 1 }],
    rows: [header, ...rows].map((cells) => ({ type: 'TableRow', cells })),
  };
}

export function cell(...items: readonly TextBlock[]): TableCell {
  return { type: 'TableCell', items };
}
