from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrolment', '0008_refunds_by_hand'),
    ]

    operations = [
        migrations.AddField(
            model_name='move',
            name='agreed',
            field=models.JSONField(blank=True, default=list),
        ),
    ]
