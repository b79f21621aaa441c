DROP INDEX `checkpoints_step`;--> statement-breakpoint
CREATE UNIQUE INDEX `checkpoints_step` ON `checkpoints` (`run_id`,`step`,`path`);