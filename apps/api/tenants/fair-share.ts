/** Of all places, those that are kept for tenants that have few. */
const KEPT = 0.25;

/** How many of something are taken now. */
export interface Taken {
  readonly all: number;
  /** By the tenant that wants another one. */
  readonly own: number;
}

/**
 * Shares a number of places among tenants: three quarters go to whoever comes first, the last quarter in equal parts to those
 * who have fewer than their part. However much one tenant sends, the others find room.
 */
export class FairShare {
  /** Whether there is more than one tenant. */
  readonly isShared: boolean;
  /** Places that each tenant is sure of. */
  readonly #sure: number;
  /** Places for whoever comes first. */
  readonly #common: number;

  /** @param tenants how many there are, from 1 */
  constructor(
    readonly most: number,
    tenants: number,
  ) {
    this.isShared = tenants > 1;
    this.#sure = tenants === 1 ? 0 : Math.max(1, Math.floor((most * KEPT) / tenants));
    this.#common = Math.max(0, most - this.#sure * tenants);
  }

  hasPlace({ all, own }: Taken): boolean {
    if (all >= this.most) return false;
    return own < this.#sure || all < this.#common;
  }
}

/** Places that requests take while they are handled. */
export class SharedPlaces {
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(private readonly share: FairShare) {}

  /** @returns gives the place back; null when there is none for this tenant */
  take(tenant: string): (() => void) | null {
    const own = this.#taken.get(tenant) ?? 0;
    if (!this.share.hasPlace({ all: this.#all, own })) return null;
    this.#add(tenant, 1);
    return () => {
      this.#add(tenant, -1);
    };
  }

  #add(tenant: string, places: 1 | -1): void {
    this.#all += places;
    this.#taken.set(tenant, (this.#taken.get(tenant) ?? 0) + places);
  }
}
