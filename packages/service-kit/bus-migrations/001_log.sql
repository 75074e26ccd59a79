-- The log of the embedded bus. Offsets are handed out under the partition row's lock, which is held until commit:
-- so offset order is commit order, and there are no gaps.

create table bus.topic (
  id int generated always as identity primary key,
  name text not null unique
);

create table bus.partition (
  id int generated always as identity primary key,
  topic_id int not null references bus.topic,
  number int not null check (number >= 0),
  next_offset bigint not null default 0,
  unique (topic_id, number)
) with (fillfactor = 50);

create table bus.event (
  partition_id int not null,
  event_offset bigint not null,
  key bytea,
  headers text,
  value bytea,
  published_at timestamptz not null default now(),
  primary key (partition_id, event_offset)
) with (toast_tuple_target = 8160);

-- Compressing every document costs more than the disk it saves.
alter table bus.event alter column value set storage external;

create table bus.consumer_group (
  id int generated always as identity primary key,
  name text not null unique
);

create table bus.group_offset (
  group_id int not null references bus.consumer_group,
  partition_id int not null references bus.partition,
  next_offset bigint not null default 0,
  primary key (group_id, partition_id)
) with (fillfactor = 50);

-- Keys and values are slices of one payload: bytes travel as bytes, once. A null length is a null.
-- The partition rows are locked in order first; `update ... from` alone would lock in plan order and deadlock.
-- Readers are told by topic: "<partition id>:<first new offset>,...", then a line break and, where the publisher found
-- them small enough, the messages themselves, which saves the readers a question.
create function bus.append(
  into_partitions int[], key_starts int[], key_lengths int[], value_starts int[], value_lengths int[],
  header_texts text[], payload bytea, topic_ids int[], told text[]
) returns void language plpgsql as $$
declare
  notified bigint;
begin
  if cardinality(into_partitions) > 1 then
    perform from bus.partition where id = any(into_partitions) order by id for update;
  end if;

  with counted as (
    select id, count(*) as messages from unnest(into_partitions) as id group by id
  ), grown as (
    update bus.partition p
    set next_offset = p.next_offset + counted.messages
    from counted
    where p.id = counted.id
    returning p.id, p.topic_id, p.next_offset - counted.messages as first_offset
  ), written as (
    insert into bus.event (partition_id, event_offset, key, headers, value)
    select m.partition_id, grown.first_offset + m.place,
           substring(payload from m.key_start for m.key_length), m.headers,
           substring(payload from m.value_start for m.value_length)
    from (
      select t.*, row_number() over (partition by t.partition_id order by t.ordinal) - 1 as place
      from unnest(into_partitions, key_starts, key_lengths, value_starts, value_lengths, header_texts)
        with ordinality as t (partition_id, key_start, key_length, value_start, value_length, headers, ordinal)
    ) m
    join grown on grown.id = m.partition_id
  )
  select count(pg_notify('bus_topic_' || news.topic_id, news.places || E'\n' || news.messages)) into notified
  from (
    select topic_id, string_agg(id || ':' || first_offset, ',') as places,
           coalesce(told[array_position(topic_ids, topic_id)], '') as messages
    from grown group by topic_id
  ) news;
end $$;
