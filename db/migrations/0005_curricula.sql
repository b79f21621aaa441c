CREATE TABLE `curricula` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`definition` text NOT NULL,
	`source` text NOT NULL,
	`directory` text NOT NULL,
	`fingerprint` text NOT NULL,
	`afresh` integer DEFAULT false NOT NULL,
	`status` text DEFAULT 'running' NOT NULL,
	`reason` text,
	`created_at` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL,
	`finished_at` integer
);
--> statement-breakpoint
CREATE INDEX `curricula_fingerprint` ON `curricula` (`fingerprint`);--> statement-breakpoint
CREATE INDEX `curricula_status` ON `curricula` (`status`);--> statement-breakpoint
CREATE TABLE `curriculum_stages` (
	`curriculum_id` integer NOT NULL,
	`place` integer NOT NULL,
	`sweep_id` integer NOT NULL,
	`picked_point_id` integer,
	`pick_reason` text,
	`baseline` text,
	PRIMARY KEY(`curriculum_id`, `place`),
	FOREIGN KEY (`curriculum_id`) REFERENCES `curricula`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`sweep_id`) REFERENCES `sweeps`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`picked_point_id`) REFERENCES `points`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `curriculum_stages_sweep` ON `curriculum_stages` (`sweep_id`);