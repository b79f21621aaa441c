ALTER TABLE `checkpoints` ADD `size_bytes` integer;--> statement-breakpoint
ALTER TABLE `checkpoints` ADD `picked_at` integer;--> statement-breakpoint
ALTER TABLE `checkpoints` ADD `tags` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `checkpoints` ADD `note` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `checkpoints` ADD `removed_at` integer;--> statement-breakpoint
CREATE INDEX `checkpoints_path` ON `checkpoints` (`path`);--> statement-breakpoint
CREATE INDEX `checkpoints_picked` ON `checkpoints` (`picked_at`) WHERE "checkpoints"."picked_at" is not null;--> statement-breakpoint
ALTER TABLE `jobs` ADD `init_checkpoint_id` integer REFERENCES checkpoints(id);--> statement-breakpoint
CREATE INDEX `jobs_init` ON `jobs` (`init_checkpoint_id`) WHERE "jobs"."init_checkpoint_id" is not null;