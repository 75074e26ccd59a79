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
create function bus.append(
  into_partitions int[], key_starts int[], key_lengths int[], value_starts int[], value_lengths int[],
  header_texts text[], payload bytea
) returns void language plpgsql as $$
begin
  perform from bus.partition where id = any(into_partitions) order by id for update;

  insert into bus.event (partition_id, event_offset, key, headers, value)
  select m.partition_id, p.next_offset + m.place,
         substring(payload from m.key_start for m.key_length), m.headers,
         substring(payload from m.value_start for m.value_length)
  from (
    select t.*, row_number() over (partition by t.partition_id order by t.ordinal) - 1 as place
    from unnest(into_partitions, key_starts, key_lengths, value_starts, value_lengths, header_texts)
      with ordinality as t (partition_id, key_start, key_length, value_start, value_length, headers, ordinal)
  ) m
  join bus.partition p on p.id = m.partition_id;

  update bus.partition p
  set next_offset = p.next_offset + counted.messages
  from (select id, count(*) as messages from unnest(into_partitions) as id group by id) counted
  where p.id = counted.id;

  perform pg_notify('bus_topic_' || p.topic_id, string_agg(p.id::text, ','))
  from bus.partition p where p.id = any(into_partitions) group by p.topic_id;
end $$;
