-- The system that a dead letter is from, where it says so that can be read.
alter table kit.quarantine add column source text;
do $$
declare letter record;
begin
  for letter in select id, headers, value from kit.quarantine loop
    begin
      update kit.quarantine
      set source = coalesce(letter.headers ->> 'ce_source', convert_from(letter.value, 'UTF8')::json ->> 'source')
      where id = letter.id;
    exception when others then null;
    end;
  end loop;
end $$;
create index quarantine_source on kit.quarantine (source, id) where source is not null;
