export function countEntities(exported: {
  readonly SecurityAlert: readonly { readonly Entities: string }[];
}): Record<string, number>;
