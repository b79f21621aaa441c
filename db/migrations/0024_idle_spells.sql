CREATE TABLE `idle_spells` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`slot` text NOT NULL,
	`reason` text NOT NULL,
	`sweep_id` integer,
	`detail` text,
	`since` integer NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idle_spells_until` ON `idle_spells` (`until`);--> statement-breakpoint
CREATE INDEX `attempts_claimed` ON `attempts` (`claimed_at`);