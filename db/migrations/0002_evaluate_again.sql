CREATE TABLE `repeat_evaluations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`checkpoint_id` integer NOT NULL,
	`benchmark` text NOT NULL,
	`samples` integer NOT NULL,
	`temperature` real NOT NULL,
	`seed` integer NOT NULL,
	`accuracy` real,
	`correct` integer,
	`total` integer,
	`questions` integer,
	`standard_error` real,
	`outcomes` text,
	`items` text,
	`error` text,
	`job_id` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL,
	FOREIGN KEY (`checkpoint_id`) REFERENCES `checkpoints`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `repeat_evaluations_benchmark` ON `repeat_evaluations` (`job_id`,`benchmark`);--> statement-breakpoint
CREATE INDEX `repeat_evaluations_checkpoint` ON `repeat_evaluations` (`checkpoint_id`);--> statement-breakpoint
ALTER TABLE `jobs` ADD `again` text;--> statement-breakpoint
CREATE INDEX `jobs_again` ON `jobs` (`status`,`sweep_id`) WHERE "jobs"."again" is not null;