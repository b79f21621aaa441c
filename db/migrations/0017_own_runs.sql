CREATE TABLE `own_runs` (
	`job_id` integer PRIMARY KEY NOT NULL,
	`project_id` integer NOT NULL,
	`client` text NOT NULL,
	`client_id` text NOT NULL,
	`name` text NOT NULL,
	`group` text,
	`job_type` text,
	`tags` text DEFAULT '[]' NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`parent` text,
	`told` text DEFAULT '{}' NOT NULL,
	`heard_at` integer NOT NULL,
	`deleted_at` integer,
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `own_runs_identity` ON `own_runs` (`project_id`,`client`,`client_id`);--> statement-breakpoint
CREATE TABLE `projects` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`tags` text DEFAULT '{}' NOT NULL,
	`created_at` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `projects_name_unique` ON `projects` (`name`);--> statement-breakpoint
INSERT INTO `projects` (`id`, `name`) VALUES (0, 'Default');--> statement-breakpoint
CREATE TABLE `__new_jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`sweep_id` integer,
	`kind` text NOT NULL,
	`number` integer NOT NULL,
	`run_id` integer,
	`checkpoint_id` integer,
	`params` text NOT NULL,
	`status` text NOT NULL,
	`attempt` integer DEFAULT 0 NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`losses` integer DEFAULT 0 NOT NULL,
	`slot_count` integer NOT NULL,
	`slots` text,
	`stop_reason` text,
	`stop_requested_at` integer,
	`ready_at` integer,
	`claimed_at` integer,
	`started_at` integer,
	`finished_at` integer,
	`progress_done` real,
	`progress_total` real,
	`last_step` integer,
	`error` text,
	`init_checkpoint_id` integer,
	`reused_from` integer,
	`awaits` integer,
	`continues` text,
	`proposal` text,
	`executor` text DEFAULT 'local' NOT NULL,
	`again` text,
	`rung` integer,
	FOREIGN KEY (`sweep_id`) REFERENCES `sweeps`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`init_checkpoint_id`) REFERENCES `checkpoints`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`reused_from`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`awaits`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO `__new_jobs`("id", "sweep_id", "kind", "number", "run_id", "checkpoint_id", "params", "status", "attempt", "failures", "losses", "slot_count", "slots", "stop_reason", "stop_requested_at", "ready_at", "claimed_at", "started_at", "finished_at", "progress_done", "progress_total", "last_step", "error", "init_checkpoint_id", "reused_from", "awaits", "continues", "proposal", "executor", "again", "rung") SELECT "id", "sweep_id", "kind", "number", "run_id", "checkpoint_id", "params", "status", "attempt", "failures", "losses", "slot_count", "slots", "stop_reason", "stop_requested_at", "ready_at", "claimed_at", "started_at", "finished_at", "progress_done", "progress_total", "last_step", "error", "init_checkpoint_id", "reused_from", "awaits", "continues", "proposal", "executor", "again", "rung" FROM `jobs`;--> statement-breakpoint
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'jobs') WHERE name = '__new_jobs';--> statement-breakpoint
DROP TABLE `jobs`;--> statement-breakpoint
ALTER TABLE `__new_jobs` RENAME TO `jobs`;--> statement-breakpoint
CREATE INDEX `jobs_again` ON `jobs` (`status`,`sweep_id`) WHERE "jobs"."again" is not null;--> statement-breakpoint
CREATE INDEX `jobs_awaits` ON `jobs` (`awaits`) WHERE "jobs"."awaits" is not null;--> statement-breakpoint
CREATE INDEX `jobs_rung` ON `jobs` (`sweep_id`,`status`) WHERE "jobs"."rung" is not null;--> statement-breakpoint
CREATE INDEX `jobs_init` ON `jobs` (`init_checkpoint_id`) WHERE "jobs"."init_checkpoint_id" is not null;--> statement-breakpoint
CREATE INDEX `jobs_measurement` ON `jobs` (`id`) WHERE "jobs"."number" = 0;--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_identity` ON `jobs` (`sweep_id`,`kind`,`number`);--> statement-breakpoint
CREATE INDEX `jobs_queue` ON `jobs` (`sweep_id`,`status`,`kind`,`number`);--> statement-breakpoint
CREATE INDEX `jobs_live` ON `jobs` (`status`) WHERE "jobs"."status" in ('starting', 'running');--> statement-breakpoint
CREATE INDEX `jobs_run` ON `jobs` (`run_id`);