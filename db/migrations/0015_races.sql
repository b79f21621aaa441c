CREATE TABLE `evaluation_rungs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`checkpoint_id` integer NOT NULL,
	`benchmark` text NOT NULL,
	`rung` integer NOT NULL,
	`first` integer NOT NULL,
	`end` integer NOT NULL,
	`job_id` integer NOT NULL,
	`correct` integer,
	`total` integer,
	`items` text,
	`error` text,
	FOREIGN KEY (`checkpoint_id`) REFERENCES `checkpoints`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `evaluation_rungs_rung` ON `evaluation_rungs` (`checkpoint_id`,`benchmark`,`rung`);--> statement-breakpoint
CREATE INDEX `evaluation_rungs_job` ON `evaluation_rungs` (`job_id`);--> statement-breakpoint
ALTER TABLE `jobs` ADD `rung` integer;--> statement-breakpoint
CREATE INDEX `jobs_rung` ON `jobs` (`sweep_id`,`status`) WHERE "jobs"."rung" is not null;--> statement-breakpoint
ALTER TABLE `points` ADD `asked` integer;--> statement-breakpoint
ALTER TABLE `points` ADD `to_its_end` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `sweeps` ADD `race` text;