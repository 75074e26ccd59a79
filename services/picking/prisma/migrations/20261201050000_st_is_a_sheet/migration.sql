-- ST is a sheet in Recommendation 20, and a set in X12 element 355: no piece. Who means pieces by it (SAP's own code does) says so by
-- an alias of that source.
delete from unit_aliases where source = '' and alias = 'ST' and unit = 'unit';
