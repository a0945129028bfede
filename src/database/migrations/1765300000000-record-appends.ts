import { type MigrationInterface, type QueryRunner } from 'typeorm'

/**
 * What all events of an append have in common lies in one row for all of them: their causes, their transaction, their
 * place in the log, their search keys as one list, and between which times they changed customers. Events that are there
 * already keep their causes themselves; they get appends, one for each transaction of a project, so that the log is read
 * and searched in one way.
 */
export class RecordAppends1765300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [
      ...APPENDS,
      APPENDS_OF_OLDER_EVENTS,
      ...INDEXES,
      ...APPEND_ONLY,
      ...WALL,
      ...EVENTS_OF_APPENDS,
      ...APPENDS_OF_OLDER_RELEASES,
      ...functions(AS_APPENDS),
    ]) {
      await runner.query(statement)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [...EVENTS_BY_THEMSELVES, ...functions(BY_THEMSELVES), ...NO_APPENDS]) {
      await runner.query(statement)
    }
  }
}

const APPENDS = [
  // No event may come between the copy and the trigger.
  'LOCK TABLE events IN ACCESS EXCLUSIVE MODE',
  // Ids and keys lie outside the row as they are: to compress them would take longer than to write them.
  `CREATE TABLE appends (
     project_id uuid NOT NULL,
     position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
     transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
     correlation_id text COLLATE "C",
     causation_id text COLLATE "C",
     stream_ids text[] COLLATE "C" NOT NULL,
     versions int4[] NOT NULL,
     keys int4[],
     changes_from timestamptz,
     changes_till timestamptz,
     PRIMARY KEY (project_id, position),
     CHECK (pg_catalog.cardinality(stream_ids) > 0
       AND pg_catalog.cardinality(versions) = pg_catalog.cardinality(stream_ids)),
     CHECK (pg_catalog.cardinality(keys) % pg_catalog.cardinality(stream_ids) = 0)
   )`,
  // As of events: statistics of projects lead to plans that read all of one (plan-projects-alike).
  'ALTER TABLE appends ALTER COLUMN project_id SET STATISTICS 0',
  'ALTER TABLE appends ALTER COLUMN stream_ids SET STORAGE EXTERNAL, ALTER COLUMN keys SET STORAGE EXTERNAL',
]

const CHANGES_CUSTOMER = `version > 1 AND stream_id LIKE 'cust\\_%'`

/** No release gave an event more than three keys; zeros where it has fewer. */
const APPENDS_OF_OLDER_EVENTS = `
  INSERT INTO appends (project_id, transaction_id, stream_ids, versions, keys, changes_from, changes_till)
  SELECT project_id, transaction_id, stream_ids, versions,
    CASE WHEN has_keys THEN ARRAY(SELECT pg_catalog.unnest(keys)) END, changes_from, changes_till
  FROM (
    SELECT project_id, transaction_id, min(global_position) AS first, bool_or(keys IS NOT NULL) AS has_keys,
      pg_catalog.array_agg(stream_id ORDER BY global_position) AS stream_ids,
      pg_catalog.array_agg(version ORDER BY global_position) AS versions,
      pg_catalog.array_agg((coalesce(keys, '{}') OPERATOR(pg_catalog.||) '{0,0,0}'::int4[])[1:3]
        ORDER BY global_position) AS keys,
      min(occurred_at) FILTER (WHERE ${CHANGES_CUSTOMER}) AS changes_from,
      max(occurred_at) FILTER (WHERE ${CHANGES_CUSTOMER}) AS changes_till
    FROM events GROUP BY project_id, transaction_id) older
  ORDER BY transaction_id, first`

const INDEXES = [
  // What subscriptions read by: commit-safe below the oldest running transaction.
  'CREATE INDEX appends_in_log_order ON appends (transaction_id, position)',
  // New entries wait in a heap of up to 16 MB, several requests of 10 MB; a worker sorts them in, or autovacuum does.
  `CREATE INDEX appends_by_keys ON appends USING gin (keys) WITH (gin_pending_list_limit = 16384)
   WHERE keys IS NOT NULL`,
  // Customers in the order of their last changes lie in the appends that changed any, one behind the other.
  'CREATE INDEX appends_by_first_change ON appends (project_id, changes_from) WHERE changes_from IS NOT NULL',
  // With both times, so that a span between two others is found without reading all before or behind it.
  'CREATE INDEX appends_by_last_change ON appends (project_id, changes_till, changes_from) WHERE changes_till IS NOT NULL',
  'ANALYZE appends',
]

const APPEND_ONLY = [
  `CREATE FUNCTION refuse_all_but_keys() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (NEW.project_id, NEW.position, NEW.transaction_id, NEW.correlation_id, NEW.causation_id, NEW.stream_ids,
         NEW.versions, NEW.changes_from, NEW.changes_till)
       IS DISTINCT FROM
        (OLD.project_id, OLD.position, OLD.transaction_id, OLD.correlation_id, OLD.causation_id, OLD.stream_ids,
         OLD.versions, OLD.changes_from, OLD.changes_till) THEN
       RAISE EXCEPTION 'an erasure takes keys out of appends and nothing else' USING ERRCODE = 'insufficient_privilege';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER appends_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON appends
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()`,
  `CREATE TRIGGER appends_lose_their_keys_only BEFORE UPDATE ON appends
   FOR EACH ROW EXECUTE FUNCTION refuse_all_but_keys()`,
]

/** As on all tables of projects. */
const OWN = `project_id IS NOT DISTINCT FROM (SELECT nullif(current_setting('rollcall.project_id', true), '')::uuid)`
const WALL = [
  'ALTER TABLE appends ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY own_project ON appends TO rollcall_project USING (${OWN}) WITH CHECK (${OWN})`,
  'GRANT SELECT, INSERT ON appends TO rollcall_project',
]

/** What events have of their own no more stays for those that are there, and for older releases. */
const EVENTS_OF_APPENDS = [
  'DROP INDEX events_in_log_order',
  'DROP INDEX events_by_keys',
  'DROP INDEX events_by_time_of_change',
  'ALTER TABLE events ALTER COLUMN global_position DROP IDENTITY',
  `ALTER TABLE events ADD COLUMN append_position bigint, ALTER COLUMN global_position DROP NOT NULL,
     ALTER COLUMN transaction_id DROP NOT NULL, ALTER COLUMN transaction_id DROP DEFAULT`,
]

/**
 * While workers of an older release still run, each of their events is an append. What has a transaction is an event
 * that had its append before it was dumped and loaded again.
 */
const APPENDS_OF_OLDER_RELEASES = [
  `CREATE FUNCTION record_append() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     INSERT INTO appends (project_id, correlation_id, causation_id, stream_ids, versions, keys, changes_from, changes_till)
     VALUES (NEW.project_id, NEW.correlation_id, NEW.causation_id, ARRAY[NEW.stream_id], ARRAY[NEW.version], NEW.keys,
       CASE WHEN NEW.version > 1 AND NEW.stream_id LIKE 'cust\\_%' THEN NEW.occurred_at END,
       CASE WHEN NEW.version > 1 AND NEW.stream_id LIKE 'cust\\_%' THEN NEW.occurred_at END)
     RETURNING position INTO NEW.append_position;
     NEW.keys := NULL;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER events_have_appends BEFORE INSERT ON events
   FOR EACH ROW WHEN (NEW.append_position IS NULL AND NEW.transaction_id IS NULL) EXECUTE FUNCTION record_append()`,
]

/** What differs between the functions as they are with appends and as they were without. */
interface Shape {
  readonly streamsFoundBy: string
  readonly indexOfKeys: string
  /** Erases, and counts what it erased as `changed`. */
  readonly erase: string
  readonly alsoUnchanged: string
}

/** Which events an erasure is about. */
const ERASED = `project_id = in_project AND stream_id = in_stream AND type = of_type
      AND version >= coalesce(at_version, 1) AND version <= coalesce(at_version, 2147483647)`

const HEAD_OF_SEARCH = 'CREATE OR REPLACE FUNCTION streams_found_by(wanted int4[]) RETURNS SETOF text'

/**
 * All events of an append have equally many keys, so a key's place tells which event has it. Zero stands for none: whose
 * key it really is finds too many, and values are compared afterwards. Only the first key asked for is looked up. Lists lie
 * outside the row, which PostgreSQL does not reckon with: left to choose, it reads all of them instead of the index, and
 * fetches one anew for each of its values (224 s for 12,000 streams of 72 appends). In variables they are fetched once.
 */
const AS_APPENDS: Shape = {
  streamsFoundBy: `${HEAD_OF_SEARCH} LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
    DECLARE
      listed_keys int4[];
      listed_ids text[];
      place integer;
      found text[] := '{}';
    BEGIN
      FOR listed_keys, listed_ids IN SELECT keys, stream_ids FROM public.appends WHERE keys @> wanted AND ${OWN} LOOP
        FOREACH place IN ARRAY array_positions(listed_keys, wanted[1]) LOOP
          found := found || listed_ids[(place - 1) / (cardinality(listed_keys) / cardinality(listed_ids)) + 1];
        END LOOP;
      END LOOP;
      RETURN QUERY SELECT DISTINCT unnest(found);
    END $$`,
  indexOfKeys: 'public.appends_by_keys',
  // Events of older releases do not name their append: it is that of their transaction. The comparison of projects is
  // none that an index could serve, so that the one of transactions does.
  erase: `
    WITH erased AS (
      UPDATE public.events SET data = erased, schema_version = in_schema_version, keys = NULL WHERE ${ERASED}
      RETURNING version, append_position, transaction_id)
    SELECT (SELECT count(*) FROM erased), array_agg(erased.version), array_agg(append.position)
    INTO changed, erased_versions, erased_positions FROM erased CROSS JOIN LATERAL (
      SELECT append_position WHERE append_position IS NOT NULL
      UNION ALL
      SELECT a.position FROM public.appends a WHERE append_position IS NULL
        AND a.transaction_id = erased.transaction_id AND a.project_id IS NOT DISTINCT FROM in_project) append (position);
    FOR at_position, listed_keys, listed_ids, listed_versions, its_versions IN
      SELECT a.position, keys, stream_ids, versions, its.versions_erased FROM public.appends a JOIN (
        SELECT position, array_agg(version) AS versions_erased
        FROM unnest(erased_positions, erased_versions) AS e (position, version) GROUP BY position) its USING (position)
      WHERE project_id = in_project AND keys IS NOT NULL ORDER BY a.position FOR UPDATE OF a
    LOOP
      width := cardinality(listed_keys) / cardinality(listed_ids);
      FOREACH place IN ARRAY array_positions(listed_ids, in_stream) LOOP
        IF listed_versions[place] = ANY (its_versions) THEN
          listed_keys[(place - 1) * width + 1 : place * width] := array_fill(0, ARRAY[width]);
        END IF;
      END LOOP;
      UPDATE public.appends SET keys = listed_keys
      WHERE project_id = in_project AND position = at_position AND keys <> listed_keys;
    END LOOP;`,
  alsoUnchanged: ', append_position',
}

const BY_THEMSELVES: Shape = {
  streamsFoundBy: `${HEAD_OF_SEARCH} LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
      SELECT DISTINCT stream_id FROM public.events WHERE keys OPERATOR(pg_catalog.@>) wanted AND ${OWN}
    $$`,
  indexOfKeys: 'public.events_by_keys',
  erase: `
    UPDATE public.events SET data = erased, schema_version = in_schema_version, keys = NULL WHERE ${ERASED};
    GET DIAGNOSTICS changed = ROW_COUNT;`,
  alsoUnchanged: '',
}

const UNCHANGED = `project_id, stream_id, version, type, correlation_id, causation_id, occurred_at, transaction_id,
  global_position`
const of = (row: 'NEW' | 'OLD', columns: string): string => columns.replaceAll(/\w+/g, `${row}.$&`)

const functions = ({ streamsFoundBy, indexOfKeys, erase, alsoUnchanged }: Shape): string[] => [
  streamsFoundBy,
  `CREATE OR REPLACE FUNCTION sort_in_search_keys() RETURNS bigint LANGUAGE sql SECURITY DEFINER
   SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
     SELECT gin_clean_pending_list('${indexOfKeys}')
   $$`,
  `CREATE OR REPLACE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (${of('NEW', UNCHANGED + alsoUnchanged)})
       IS DISTINCT FROM
        (${of('OLD', UNCHANGED + alsoUnchanged)}) THEN
       RAISE EXCEPTION 'an erasure takes data out of events and nothing else' USING ERRCODE = 'insufficient_privilege';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE OR REPLACE FUNCTION erase_events(
    in_project uuid, in_stream text, of_type text, at_version integer, in_schema_version integer, erased text
  ) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    changed integer;
    at_position bigint;
    listed_keys int4[];
    listed_ids text[];
    listed_versions int4[];
    erased_versions int4[];
    erased_positions bigint[];
    its_versions int4[];
    width integer;
    place integer;
  BEGIN
    IF in_project IS DISTINCT FROM nullif(current_setting('rollcall.project_id', true), '')::uuid THEN
      RAISE EXCEPTION 'an erasure is of the project of its transaction' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('rollcall.erasing', 'on', true);${erase}
    PERFORM set_config('rollcall.erasing', 'off', true);
    IF changed > 0 THEN
      INSERT INTO public.audit_log (project_id, act, client, subject, details)
      VALUES (in_project, 'events.erased', '(database)', in_stream, json_build_object('type', of_type, 'events', changed));
    END IF;
    RETURN changed;
  END $$`,
]

/** What appends say of their events is written to each of them; positions are numbered anew, in the same order. */
const EVENTS_BY_THEMSELVES = [
  // Nobody may append meanwhile.
  'LOCK TABLE events IN ACCESS EXCLUSIVE MODE',
  'DROP TRIGGER events_have_appends ON events',
  'ALTER TABLE events DISABLE TRIGGER USER',
  `WITH placed AS (
     SELECT project_id, stream.id, stream.version, transaction_id, correlation_id, causation_id,
       nullif(array_remove(keys[(stream.place - 1) * width + 1 : stream.place * width], 0), '{}') AS keys,
       row_number() OVER (ORDER BY transaction_id, position, stream.place) AS place
     FROM appends CROSS JOIN LATERAL (SELECT cardinality(keys) / cardinality(stream_ids) AS width) w
     CROSS JOIN LATERAL unnest(stream_ids, versions) WITH ORDINALITY AS stream (id, version, place))
   UPDATE events SET transaction_id = placed.transaction_id, global_position = placed.place, keys = placed.keys,
     correlation_id = coalesce(events.correlation_id, placed.correlation_id),
     causation_id = coalesce(events.causation_id, placed.causation_id)
   FROM placed WHERE events.project_id = placed.project_id AND stream_id = placed.id AND events.version = placed.version`,
  'ALTER TABLE events ENABLE TRIGGER USER',
  `ALTER TABLE events DROP COLUMN append_position, ALTER COLUMN transaction_id SET NOT NULL,
     ALTER COLUMN transaction_id SET DEFAULT pg_current_xact_id(), ALTER COLUMN global_position SET NOT NULL`,
  'ALTER TABLE events ALTER COLUMN global_position ADD GENERATED ALWAYS AS IDENTITY (CACHE 1)',
  `SELECT setval(pg_get_serial_sequence('events', 'global_position'), coalesce(max(global_position), 0) + 1, false)
   FROM events`,
  'CREATE INDEX events_in_log_order ON events (transaction_id, global_position)',
  `CREATE INDEX events_by_keys ON events USING gin (keys) WITH (gin_pending_list_limit = 16384)
   WHERE keys IS NOT NULL`,
  'CREATE INDEX events_by_time_of_change ON events (project_id, occurred_at) WHERE version > 1',
]

const NO_APPENDS = ['DROP TABLE appends', 'DROP FUNCTION refuse_all_but_keys', 'DROP FUNCTION record_append']
