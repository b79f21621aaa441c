CREATE TABLE `attempts` (
	`job_id` integer NOT NULL,
	`number` integer NOT NULL,
	`status` text NOT NULL,
	`slots` text NOT NULL,
	`pid` integer,
	`claimed_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	`exit_code` integer,
	`signal` text,
	`error` text,
	`event_offset` integer DEFAULT 0 NOT NULL,
	`event_lines` integer DEFAULT 0 NOT NULL,
	`first_step` integer,
	`last_step` integer,
	`resumed_from` text,
	PRIMARY KEY(`job_id`, `number`),
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `baselines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`accuracies` text NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`created_at` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL,
	`updated_at` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `baselines_name_unique` ON `baselines` (`name`);--> statement-breakpoint
CREATE TABLE `checkpoints` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` integer NOT NULL,
	`attempt` integer NOT NULL,
	`step` integer,
	`epoch` real,
	`path` text,
	`created_at` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL,
	FOREIGN KEY (`run_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `checkpoints_step` ON `checkpoints` (`run_id`,`step`);--> statement-breakpoint
CREATE TABLE `evaluations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`checkpoint_id` integer NOT NULL,
	`benchmark` text NOT NULL,
	`accuracy` real,
	`correct` integer,
	`total` integer,
	`items` text,
	`error` text,
	`job_id` integer,
	`created_at` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL,
	FOREIGN KEY (`checkpoint_id`) REFERENCES `checkpoints`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `evaluations_benchmark` ON `evaluations` (`checkpoint_id`,`benchmark`);--> statement-breakpoint
CREATE TABLE `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`job_id` integer NOT NULL,
	`attempt` integer NOT NULL,
	`line` integer NOT NULL,
	`type` text NOT NULL,
	`step` integer,
	`time` real,
	`body` text NOT NULL,
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `events_job` ON `events` (`job_id`,`type`,`step`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`sweep_id` integer NOT NULL,
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
	FOREIGN KEY (`sweep_id`) REFERENCES `sweeps`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_identity` ON `jobs` (`sweep_id`,`kind`,`number`);--> statement-breakpoint
CREATE INDEX `jobs_queue` ON `jobs` (`sweep_id`,`status`,`kind`,`number`);--> statement-breakpoint
CREATE INDEX `jobs_live` ON `jobs` (`status`) WHERE "jobs"."status" in ('starting', 'running');--> statement-breakpoint
CREATE INDEX `jobs_run` ON `jobs` (`run_id`);--> statement-breakpoint
CREATE TABLE `points` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`sweep_id` integer NOT NULL,
	`number` integer NOT NULL,
	`params` text NOT NULL,
	`key` text NOT NULL,
	`run_id` integer NOT NULL,
	`milestone` text,
	`checkpoint_id` integer,
	`evaluation_job_id` integer,
	`status` text DEFAULT 'waiting' NOT NULL,
	`error` text,
	`score` real,
	`ratios` text,
	`interval_low` real,
	`interval_high` real,
	`chance_of_best` real,
	`tied_with_best` integer DEFAULT false NOT NULL,
	`rounded` integer DEFAULT false NOT NULL,
	`scored_at` integer,
	FOREIGN KEY (`sweep_id`) REFERENCES `sweeps`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`run_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`checkpoint_id`) REFERENCES `checkpoints`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`evaluation_job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `points_key` ON `points` (`sweep_id`,`key`);--> statement-breakpoint
CREATE UNIQUE INDEX `points_number` ON `points` (`sweep_id`,`number`);--> statement-breakpoint
CREATE INDEX `points_run` ON `points` (`run_id`);--> statement-breakpoint
CREATE INDEX `points_checkpoint` ON `points` (`checkpoint_id`);--> statement-breakpoint
CREATE TABLE `sweeps` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`definition` text NOT NULL,
	`source` text,
	`directory` text NOT NULL,
	`fingerprint` text NOT NULL,
	`status` text DEFAULT 'waiting' NOT NULL,
	`pause_reason` text,
	`breaker_reset_at` integer DEFAULT 0 NOT NULL,
	`baseline_id` integer,
	`origin` text DEFAULT 'file' NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`created_at` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	`deleted_at` integer,
	FOREIGN KEY (`baseline_id`) REFERENCES `baselines`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sweeps_fingerprint` ON `sweeps` (`fingerprint`);--> statement-breakpoint
CREATE INDEX `sweeps_status` ON `sweeps` (`status`);