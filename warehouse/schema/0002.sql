-- Version 2. Where in a sample's text the judge found what it extracted; null in verdicts of version 1.

alter table declared.verdicts add column found_in varchar;
