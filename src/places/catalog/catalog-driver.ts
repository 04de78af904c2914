/** What a kind of catalog brings to the registry beside the catalog itself: whether one is there, and how a rebuilt one takes its place. */
import type { World } from "../../core/world/index.ts";
import type { Catalog } from "./catalog.ts";

export interface OpenCatalogOptions {
  /** Makes the catalog when it is not there. */
  readonly create: boolean;
  /** 32 hex digits for a new catalog: a rebuild takes the id that the volumes carry. Otherwise a new one is made. */
  readonly clusterId?: string;
}

/** URLs are those of its scheme, whole. */
export interface CatalogDriver {
  /** Whether something lies at the URL, whole or damaged. Throws CATALOG_UNREACHABLE, ACCESS_DENIED when that cannot be told. */
  isThere(url: string, world: World): Promise<boolean>;
  /** Throws CATALOG_UNREACHABLE when it is not there and not to be made, ACCESS_DENIED, CATALOG_CORRUPT, STORE_UNSUPPORTED, CONFIG_INVALID. */
  open(url: string, world: World, options: OpenCatalogOptions): Promise<Catalog>;
  /** Where a rebuild lets the new catalog grow: a place that `swap` can put into the place of the one at the URL. */
  besideOf(url: string): string;
  /**
   * The closed catalog at `fresh` becomes the one at `url`; the old one is kept, and where is returned. All or nothing. Throws
   * CATALOG_UNREACHABLE while anybody has one of them open.
   */
  swap(fresh: string, url: string, world: World): Promise<string | undefined>;
  /** Removes a catalog that was not finished, or nothing. */
  discard(url: string, world: World): Promise<void>;
}
