-- Forward only: the earlier layout has no place for several merchants.
SELECT 1;
