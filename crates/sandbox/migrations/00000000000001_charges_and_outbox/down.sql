DROP TABLE deliveries;
DROP TABLE events;
DROP TABLE charges;
