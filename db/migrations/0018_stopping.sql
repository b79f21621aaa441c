CREATE TABLE `judgements` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` integer NOT NULL,
	`rung` real NOT NULL,
	`value` real,
	`verdict` text,
	`reason` text,
	`decided_at` integer,
	FOREIGN KEY (`run_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `judgements_rung` ON `judgements` (`run_id`,`rung`);--> statement-breakpoint
ALTER TABLE `jobs` ADD `held` real;