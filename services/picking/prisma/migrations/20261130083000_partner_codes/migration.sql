-- Which of our products a partner's code for an item means.
create table item_references (
  kind text not null check (kind in ('vendor', 'customer')),
  partner text not null,
  item text not null,
  sku text not null,
  primary key (kind, partner, item)
);
create index item_references_by_sku on item_references (sku);

-- What sources of orders call our units; source '' is everybody.
create table unit_aliases (
  source text not null,
  alias text not null,
  unit text not null,
  primary key (source, alias)
);

-- Codes of UN/ECE Recommendation 20 and 21, and of X12 element 355, by what they mean.
insert into unit_aliases (source, alias, unit) values
  ('', 'C62', 'unit'), ('', 'H87', 'unit'), ('', 'EA', 'unit'), ('', 'PCE', 'unit'), ('', 'PC', 'unit'), ('', 'NAR', 'unit'),
  ('', 'UN', 'unit'), ('', 'ST', 'unit'),
  ('', 'KGM', 'kg'), ('', 'KG', 'kg'), ('', 'GRM', 'g'), ('', 'GR', 'g'), ('', 'MGM', 'mg'), ('', 'TNE', 't'), ('', 'MP', 't'),
  ('', 'LBR', 'lb'), ('', 'LB', 'lb'), ('', 'ONZ', 'oz'), ('', 'OZ', 'oz'), ('', 'STN', 'short ton'), ('', 'LTN', 'long ton'),
  ('', 'LTR', 'l'), ('', 'LT', 'l'), ('', 'MLT', 'ml'), ('', 'ML', 'ml'), ('', 'CLT', 'cl'), ('', 'HLT', 'hl'),
  ('', 'GLL', 'gal'), ('', 'GA', 'gal'), ('', 'GLI', 'imperial gal'), ('', 'MTQ', 'm3'), ('', 'CR', 'm3'), ('', 'CMQ', 'cm3'),
  ('', 'MTR', 'm'), ('', 'MR', 'm'), ('', 'CMT', 'cm'), ('', 'CM', 'cm'), ('', 'MMT', 'mm'), ('', 'MM', 'mm'), ('', 'KMT', 'km'),
  ('', 'FOT', 'ft'), ('', 'FT', 'ft'), ('', 'INH', 'in'), ('', 'IN', 'in'), ('', 'YRD', 'yd'), ('', 'YD', 'yd'),
  ('', 'MTK', 'm2'), ('', 'SM', 'm2'), ('', 'CMK', 'cm2'), ('', 'FTK', 'ft2'), ('', 'SF', 'ft2'),
  ('', 'PR', 'pair'), ('', 'DZN', 'dozen'), ('', 'DZ', 'dozen'), ('', 'GRO', 'gross'), ('', 'SET', 'set'), ('', 'MIL', 'thousand'),
  ('', 'XBX', 'box'), ('', 'BX', 'box'), ('', 'XCT', 'carton'), ('', 'CT', 'carton'), ('', 'XCS', 'case'), ('', 'CS', 'case'),
  ('', 'CA', 'case'), ('', 'XPX', 'pallet'), ('', 'PX', 'pallet'), ('', 'PF', 'pallet'), ('', 'PL', 'pallet'),
  ('', 'XPK', 'pack'), ('', 'PK', 'pack'), ('', 'XBG', 'bag'), ('', 'BG', 'bag'), ('', 'XRO', 'roll'), ('', 'RO', 'roll'), ('', 'RL', 'roll'),
  ('', 'XDR', 'drum'), ('', 'DR', 'drum'), ('', 'XBO', 'bottle'), ('', 'BO', 'bottle'), ('', 'XCA', 'can'), ('', 'CN', 'can');

create trigger unit_aliases_are_in_catalog after insert or update or delete or truncate on unit_aliases
  for each statement execute function change_catalog_stamp();
