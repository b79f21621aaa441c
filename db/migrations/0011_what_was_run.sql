CREATE TABLE `code_snapshots` (
	`hash` text PRIMARY KEY NOT NULL,
	`commit` text,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `recorded_parts` (
	`hash` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`content` blob NOT NULL
);
--> statement-breakpoint
ALTER TABLE `attempts` ADD `code_snapshot` text REFERENCES code_snapshots(hash);--> statement-breakpoint
ALTER TABLE `attempts` ADD `ran` text;