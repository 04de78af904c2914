/**
 * The tables of the catalog, as SQLite has them (see there for `published` and for why foreign keys do not cascade to objects), with what PostgreSQL
 * does better:
 *
 * - One place for each chunk of a domain is the primary key of `chunk`; its rows have no foreign key to `object`, whose check would cost more than
 *   entering them, and inspection looks for strays.
 * - Texts that are ordered or compared go by their bytes (`COLLATE "C"`), whatever the database was made with.
 * - `holdfast_catalog` has one row, which every writer locks first; `incarnation` tells a catalog from one that took its place under the same name.
 * - `writer` has the mark of the last commit of each writer: where an unknown outcome is looked up (docs/decisions).
 */
export const schemaVersion1 = `
CREATE TABLE holdfast_catalog (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  schema integer NOT NULL,
  cluster text NOT NULL,
  incarnation text NOT NULL,
  clock bigint NOT NULL,
  generation bigint NOT NULL
);

CREATE TABLE writer (id text COLLATE "C" PRIMARY KEY, mark bigint NOT NULL, at bigint NOT NULL);

CREATE TABLE domain (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE);

CREATE TABLE volume (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  url text NOT NULL,
  identity text COLLATE "C" NOT NULL UNIQUE,
  failure_domain text NOT NULL,
  weight double precision NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'draining'))
);

CREATE TABLE object (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('shard', 'manifest', 'reflog')),
  domain integer NOT NULL REFERENCES domain (id),
  digest bytea NOT NULL CHECK (length(digest) = 32),
  generation bigint NOT NULL,
  bytes bigint NOT NULL,
  replicas_wanted integer NOT NULL CHECK (replicas_wanted > 0),
  state text COLLATE "C" NOT NULL CHECK (state IN ('reserved', 'present', 'condemned', 'deleting')),
  published boolean NOT NULL,
  condemned_at bigint,
  chunks bigint NOT NULL DEFAULT 0,
  raw_bytes bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX object_generation ON object (generation, kind, digest);
CREATE INDEX object_condemned ON object (condemned_at) WHERE state = 'condemned';
CREATE INDEX object_deleting ON object (id) WHERE state = 'deleting';

CREATE TABLE chunk (
  domain integer NOT NULL,
  digest bytea NOT NULL CHECK (length(digest) = 32),
  object bigint NOT NULL,
  frame_offset bigint NOT NULL,
  stored_bytes bigint NOT NULL,
  raw_bytes bigint NOT NULL,
  crc32c bigint NOT NULL,
  position integer NOT NULL,
  encoding smallint NOT NULL,
  depth smallint NOT NULL,
  base bytea CHECK (length(base) = 32),
  PRIMARY KEY (domain, digest)
);
CREATE INDEX chunk_object ON chunk (object, position);
CREATE INDEX chunk_base ON chunk (domain, base) WHERE base IS NOT NULL;

CREATE TABLE replica (
  object bigint NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  volume integer NOT NULL REFERENCES volume (id) ON DELETE CASCADE,
  state text COLLATE "C" NOT NULL CHECK (state IN ('intended', 'good', 'suspect', 'bad')),
  PRIMARY KEY (object, volume)
);
CREATE INDEX replica_volume ON replica (volume, object);

CREATE TABLE version (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  parent text COLLATE "C",
  message text NOT NULL,
  created_at bigint NOT NULL,
  files bigint NOT NULL,
  bytes bigint NOT NULL,
  manifest bigint NOT NULL REFERENCES object (id),
  UNIQUE (model, id)
);
CREATE INDEX version_manifest ON version (manifest);

CREATE TABLE need (
  version bigint NOT NULL REFERENCES version (number) ON DELETE CASCADE,
  object bigint NOT NULL REFERENCES object (id),
  PRIMARY KEY (version, object)
);
CREATE INDEX need_object ON need (object);

CREATE TABLE outcome (op_id text COLLATE "C" PRIMARY KEY, model text NOT NULL, version text NOT NULL);

CREATE TABLE ref (
  model text COLLATE "C" NOT NULL,
  ref text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  moved_at bigint NOT NULL,
  PRIMARY KEY (model, ref)
);

CREATE TABLE ref_log (
  sequence bigint PRIMARY KEY,
  model text COLLATE "C" NOT NULL,
  ref text COLLATE "C" NOT NULL,
  from_version text COLLATE "C",
  to_version text COLLATE "C",
  at bigint NOT NULL,
  op_id text COLLATE "C" NOT NULL,
  object bigint REFERENCES object (id)
);
CREATE INDEX ref_log_ref ON ref_log (model, ref, sequence);
CREATE INDEX ref_log_model ON ref_log (model, sequence);
CREATE INDEX ref_log_op ON ref_log (op_id);
CREATE INDEX ref_log_object ON ref_log (object);
CREATE INDEX ref_log_unwritten ON ref_log (sequence) WHERE object IS NULL;

CREATE TABLE intent (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  op_id text COLLATE "C" NOT NULL UNIQUE,
  expires_at bigint NOT NULL
);

CREATE TABLE pin (
  intent bigint NOT NULL REFERENCES intent (id) ON DELETE CASCADE,
  object bigint NOT NULL REFERENCES object (id),
  PRIMARY KEY (intent, object)
);
CREATE INDEX pin_object ON pin (object);

CREATE TABLE version_pin (
  intent bigint NOT NULL REFERENCES intent (id) ON DELETE CASCADE,
  version bigint NOT NULL REFERENCES version (number),
  PRIMARY KEY (intent, version)
);
CREATE INDEX version_pin_version ON version_pin (version);
`;
